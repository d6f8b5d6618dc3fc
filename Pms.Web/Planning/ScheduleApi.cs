using Pms.Core;
using Pms.Core.Jobs;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Planning;

/// <summary>/api/v1/planning: the plan for programs; what is done with a job stands at /api/v1/jobs.</summary>
public static class ScheduleApi
{
    /// <summary>A job of the plan. <see cref="Start"/> and <see cref="End"/> are where it lies: as planned until it is started, then as it went.</summary>
    public sealed record PlanJobAnswer(long Id, int Version, long OrderId, string OrderNumber, long ItemId, long StepId, string Product, long StageId, string Stage, long DepartmentId, long? WorkCentreId, long? MachineId, string? Machine,
        long? EmployeeId, JobKind Kind, JobStatus Status, decimal Planned, decimal Good, DateTimeOffset PlannedStart, DateTimeOffset PlannedEnd, DateTimeOffset Start, DateTimeOffset End, DateOnly? DueOn, OrderPriority Priority,
        bool Held, bool Late);

    public sealed record PlanMachineAnswer(long Id, string Number, string Name, long DepartmentId, long? WorkCentreId, int Slots, IReadOnlyList<long> Stages);

    /// <summary>The plan from one instant to another. <see cref="LeftOut"/>: there are more jobs than are answered at once; ask by department or a shorter time.</summary>
    public sealed record ScheduleAnswer(DateTimeOffset At, DateTimeOffset From, DateTimeOffset To, LeftOut LeftOut, IReadOnlyList<PlanMachineAnswer> Machines, IReadOnlyList<PlanJobAnswer> Jobs, IReadOnlyList<MachineBlock> Blocks);

    public static void MapScheduleApi(this IEndpointRouteBuilder routes) =>
        routes.MapApi("planning").MapGet("/schedule", ScheduleAsync).WithFields<ScheduleAnswer>().WithMetadata(new AsksDepartment())
            .Says("GetSchedule", "The plan from one instant to another", "Jobs, machines and what keeps machines from their jobs; at most 62 days at once, the next 14 without a wish.")
            .Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid");

    private static async Task<ScheduleAnswer> ScheduleAsync(DateTimeOffset? from, DateTimeOffset? to, HttpContext http)
    {
        var start = from ?? http.Service<PlantClock>().Now;
        var department = http.Department();
        var s = await http.Service<ScheduleService>().WindowAsync(http.Actor(), new(new Span(start, to ?? start.AddDays(14)), department), http.RequestAborted);
        return new ScheduleAnswer(s.At, s.Window.Start, s.Window.End, s.LeftOut, [.. s.Machines.Where(m => department is null || m.DepartmentId == department).Select(m => new PlanMachineAnswer(m.Id, m.Number, m.Name, m.DepartmentId, m.WorkCentreId, m.Slots, [.. m.Stages.Order()]))],
            [.. s.Jobs.Select(j => Job(j, j.At(s.At)))], s.Blocks);
    }

    private static PlanJobAnswer Job(PlannedJob j, Span at) => new(j.Id, j.Version, j.OrderId, j.OrderNumber, j.ItemId, j.StepId, j.Product, j.StageId, j.Stage, j.DepartmentId, j.WorkCentreId, j.MachineId, j.Machine, j.EmployeeId, j.Kind,
        j.Status, j.Planned, j.Good, j.PlannedStart, j.PlannedEnd, at.Start, at.End, j.DueOn, j.Priority, j.Held, j.Late);
}
