using Pms.Core;
using Pms.Core.Floor;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Floor;

/// <summary>/api/v1/floor: the boards for programs, with the same picture, the same scope, raw values.</summary>
public static class FloorApi
{
    /// <summary>ISO 22400; shares from 0 to 1, null where they can't be told.</summary>
    public sealed record OeeAnswer(double? Oee, double? Availability, double? Effectiveness, double? Quality, double? Nee, double? Unreported, double PbtMinutes, double AptMinutes);

    public sealed record HourAnswer(DateTimeOffset Start, DateTimeOffset End, decimal Made, decimal? Target);

    /// <summary>Something that waits for a person; the higher the cost, the sooner.</summary>
    public sealed record NeedAnswer(NeedKind Kind, DateTimeOffset? Since, double Cost, long? MachineId, string? Machine, long? JobId, long? OrderId, string? Order, string? Text, string? Ticket, string? Person,
        DateTimeOffset? Expected, DateOnly? DueOn, int Count);

    public sealed record FloorDepartmentAnswer(long Id, string Code, string Name, DateOnly Day, string? Shift, int Running, int Paused, int Waiting, int Late, decimal Good, decimal Scrap, decimal Rework, int ClockedIn, OeeAnswer Oee);

    /// <summary>The overview at <see cref="At"/>; machines are counted by their state.</summary>
    public sealed record OverviewAnswer(DateTimeOffset At, int Running, int Paused, int Waiting, int Late, int OrdersLate, int OrdersAtRisk, decimal Done, decimal? Target, double? ScrapShare, int ClockedIn, string? Shift,
        OeeAnswer Oee, IReadOnlyDictionary<string, int> Machines, IReadOnlyList<HourAnswer> Hours, IReadOnlyList<NeedAnswer> Needs, IReadOnlyList<FloorDepartmentAnswer> Departments);

    public sealed record FloorJob(long Id, long OrderId, string OrderNumber, string Product, long DepartmentId, long MachineId, string Machine, string Status, string? Phase, DateTimeOffset Since, decimal Planned, decimal Good,
        decimal Scrap, decimal Rework, double? Rate, DateTimeOffset PlannedEnd, long? OperatorId, string? Operator, string? Reason);

    public sealed record NextJobAnswer(long JobId, string OrderNumber, decimal Planned, DateTimeOffset PlannedStart);

    public sealed record StandingAnswer(long Id, string Number, string? Reason, DateTimeOffset StandsFrom, DateTimeOffset? ExpectedBack, string? Assigned);

    public sealed record FloorMachine(long Id, string Number, string Name, long DepartmentId, MachineState State, DateTimeOffset? Since, OeeAnswer Oee, IReadOnlyList<string> Allocated, IReadOnlyList<FloorJob> Jobs,
        NextJobAnswer? Next, StandingAnswer? Ticket);

    /// <summary>One shared picture and when it was taken.</summary>
    public sealed record Picture<T>(DateTimeOffset At, IReadOnlyList<T> Items);

    public static void MapFloorApi(this IEndpointRouteBuilder routes)
    {
        var floor = routes.MapApi("floor");
        floor.MapOne("/overview", OverviewAsync).WithMetadata(new AsksDepartment()).Says("GetOverview", "The plant or one department at this moment");
        floor.MapOne("/machines", MachinesAsync).WithMetadata(new AsksDepartment()).Says("ListFloorMachines", "Every machine with its state, jobs and OEE of the shift");
        floor.MapOne("/jobs", JobsAsync).WithMetadata(new AsksDepartment()).Says("ListFloorJobs", "Every job that is started");
    }

    private static async Task<OverviewAnswer> OverviewAsync(HttpContext http)
    {
        var view = await http.Service<FloorService>().OverviewAsync(http.Actor(), http.Department(), http.RequestAborted);
        return new OverviewAnswer(view.At, view.Running, view.Paused, view.Waiting, view.Late, view.OrdersLate, view.OrdersAtRisk, view.Done, view.Target, view.ScrapShare, view.ClockedIn, view.Shift,
            Of(view.Oee), view.Machines.ToDictionary(m => m.Key.ToString(), m => m.Value), [.. view.Hours.Select(h => new HourAnswer(h.Span.Start, h.Span.End, h.Made, h.Target))],
            [.. view.Needs.Select(n => new NeedAnswer(n.Kind, n.Since, n.Cost, n.MachineId, n.Machine, n.JobId, n.OrderId, n.Order, n.Text, n.Ticket, n.Person, n.Expected, n.DueOn, n.Count))],
            [.. view.Departments.Select(d => new FloorDepartmentAnswer(d.Department.Id, d.Department.Code, d.Department.Name, d.Day, d.Shift, d.Running, d.Paused, d.Waiting, d.Late, d.Good, d.Scrap, d.Rework, d.ClockedIn, Of(d.Oee)))]);
    }

    private static async Task<Picture<FloorMachine>> MachinesAsync(HttpContext http)
    {
        var snapshot = await http.Service<FloorService>().FloorAsync(http.Actor(), http.Department(), http.RequestAborted);
        return new Picture<FloorMachine>(snapshot.At, [.. snapshot.Machines.Select(Tile)]);
    }

    private static async Task<Picture<FloorJob>> JobsAsync(HttpContext http)
    {
        var snapshot = await http.Service<FloorService>().FloorAsync(http.Actor(), http.Department(), http.RequestAborted);
        return new Picture<FloorJob>(snapshot.At, [.. snapshot.Machines.SelectMany(m => m.Jobs.Select(j => Job(j, m)))]);
    }

    private static FloorMachine Tile(MachineTile m) => new(m.Id, m.Number, m.Name, m.DepartmentId, m.State, m.Since, Of(m.Oee), m.Allocated, [.. m.Jobs.Select(j => Job(j, m))],
        m.Next is { } n ? new(n.JobId, n.OrderNumber, n.Planned, n.PlannedStart) : null,
        m.Ticket is { } t ? new(t.Id, t.Number, t.Reason ?? t.Description, t.StandsFrom, t.ExpectedBack, t.Assigned) : null);

    private static FloorJob Job(TileJob j, MachineTile m) => new(j.Job.Id, j.Job.OrderId, j.Job.OrderNumber, j.Job.ProductName, j.Job.DepartmentId, m.Id, m.Number, j.Job.Status.ToString(), j.Job.Phase?.ToString(),
        j.Since, j.Job.Planned, j.Job.Good, j.Job.Scrap, j.Job.Rework, j.Rate, j.Job.PlannedEnd, j.Job.OperatorId, j.Job.OperatorFirst, j.Job.PauseReason);

    private static OeeAnswer Of(Oee oee) => new(oee.Value, oee.Availability, oee.Effectiveness, oee.Quality, oee.Nee, oee.Unreported, oee.Times.Pbt.TotalMinutes, oee.Times.Apt.TotalMinutes);
}
