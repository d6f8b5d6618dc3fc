using System.Globalization;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Capacity;

/// <summary>/api/v1/capacity: load against capacity by pool and production day, as it is now.</summary>
public static class CapacityApi
{
    private const int FirstDays = 14;

    /// <summary>Capacity null: nothing limits it. Percent is never capped; null also where there is load without any capacity.</summary>
    public sealed record BucketAnswer(DateOnly Day, decimal Minutes, decimal? CapacityMinutes, decimal? Percent, Band Band, decimal? Units, decimal? UnitCapacity, string? Unit);

    public sealed record PoolAnswer(PoolKind Kind, long Id, string Name, IReadOnlyList<BucketAnswer> Days);

    public sealed record CapacityAnswer(DateTimeOffset At, DateOnly From, IReadOnlyList<PoolAnswer> Pools);

    public sealed record BucketJobAnswer(long JobId, long OrderId, string Order, string Product, long? MachineId, DateTimeOffset PlannedStart, DateTimeOffset PlannedEnd, decimal Minutes, decimal Units, string Unit);

    public sealed record BucketJobsAnswer(BucketAnswer Bucket, IReadOnlyList<BucketJobAnswer> Jobs);

    public static void MapCapacityApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("capacity");
        api.MapOne("/", ReadAsync).WithMetadata(new AsksDepartment(), new AsksDays(FirstDays, CapacityService.MostDays)).Says("GetCapacity", "Load against capacity by day: of every department, or of one with its stages, people, work centres and machines");
        api.MapOne("/{kind}/{id:long}/{day}", JobsAsync).Says("GetCapacityDay", "One pool's day with the jobs that fill it, the heaviest first", "kind is Department, Stage, WorkCentre, Machine or Labour (by stage), day is yyyy-MM-dd.");
    }

    private static async Task<CapacityAnswer> ReadAsync(HttpContext http)
    {
        var days = http.Request.Query["days"].ToString() is { Length: > 0 } text ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : throw new InvalidException("days", "not_valid") : FirstDays;
        long? department = http.Request.Query["department"].ToString() is { Length: > 0 } one ? long.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new InvalidException("department", "not_valid") : null;
        var view = await http.Service<CapacityService>().ReadAsync(http.Actor(), department, http.Request.Query["from"].ToString() is { Length: > 0 } from ? Day("from", from) : null, days, http.RequestAborted);
        return new(view.At, view.From, [.. view.Rows.Select(r => new PoolAnswer(r.Pool.Kind, r.Pool.Id, r.Name, [.. r.Days.Select(Of)]))]);
    }

    private static async Task<BucketJobsAnswer> JobsAsync(HttpContext http)
    {
        var kind = Enum.TryParse<PoolKind>(http.Request.RouteValues["kind"]?.ToString(), out var k) && Enum.IsDefined(k) ? k : throw new NotFoundException("pool", http.Request.RouteValues["kind"]);
        var (bucket, jobs) = await http.Service<CapacityService>().JobsAsync(http.Actor(), new Pool(kind, http.Id()), Day("day", http.Request.RouteValues["day"]?.ToString()), http.RequestAborted);
        return new(Of(bucket), [.. jobs.Select(j => new BucketJobAnswer(j.Load.JobId, j.Load.OrderId, j.Load.OrderNumber, j.Load.Product, j.Load.MachineId, j.Load.Start, j.Load.End, j.Minutes, j.Units, j.Load.Unit))]);
    }

    private static DateOnly Day(string field, string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new InvalidException(field, "not_valid");

    private static BucketAnswer Of(Bucket b) => new(b.Day, b.Minutes, b.Capacity, b.Percent, b.Band, b.Units, b.UnitCapacity, b.Unit);
}
