using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Planning.Promises;
using Pms.Core.Planning.Releases;
using Pms.Core.Planning.Suggestions;
using Pms.Web.Identity;
using Pms.Web.Shared;
using Pms.Web.Shared.Api;

namespace Pms.Web.Planning.Releases;

/// <summary>/api/v1/planning: release many orders, ask for dates, and what to do with the places that a hold frees.</summary>
public static class ReleasesApi
{
    public sealed record ProofOrderAnswer(long OrderId, string Number, double Hours);

    /// <summary>Why it doesn't fit; hours of the pool within the window.</summary>
    public sealed record ProofAnswer(string Code, string Why, PoolKind Kind, string Pool, string Stage, DateOnly From, DateOnly Until, double NeededHours, double ThereHours, IReadOnlyList<ProofOrderAnswer> Orders);

    /// <summary>What became of one item; <see cref="Code"/> and <see cref="Why"/> where it was refused.</summary>
    public sealed record ReleaseLineAnswer(long OrderId, string OrderNumber, long ItemId, int Line, ReleaseOutcome Outcome, bool Late, DateTimeOffset? Start, DateTimeOffset? End, string? Code, string? Why, ProofAnswer? Proof,
        IReadOnlyList<ReleasedStep> Steps, IReadOnlyList<Cure> Cures);

    public sealed record ReleaseAnswer(int Orders, int Jobs, IReadOnlyList<ReleaseLineAnswer> Lines);

    public sealed record PromisedStepAnswer(string Product, string Stage, string Department, string? Machine, decimal Quantity, DateTimeOffset Start, DateTimeOffset End, double WaitsHours);

    public sealed record LaterOrder(long OrderId, string Number, double MoreHours);

    /// <summary>The day on which it could be done; null where there is no place.</summary>
    public sealed record PromiseAnswer(DateOnly? On, DateTimeOffset? Done, bool Late, IReadOnlyList<PromisedStepAnswer> Steps, ProofAnswer? Proof, double LatenessBeforeHours, double LatenessAfterHours, IReadOnlyList<LaterOrder> Others);

    public sealed record DatesAnswer(string Stage, int? Version, IReadOnlyList<DateSuggestion> Days, IReadOnlyList<DateSuggestion> Machines, ProofAnswer? Proof);

    public sealed record SlotAnswer(long JobId, long StepId, string Stage, long? MachineId, string? Machine, DateTimeOffset Start, DateTimeOffset End, decimal Quantity, bool Planned, string? Gone);

    public sealed record CandidateAnswer(long OrderId, string OrderNumber, long StepId, string Product, decimal Need, decimal Quantity, DateTimeOffset Start, DateTimeOffset End, long? MachineId, decimal SetupMinutes, Score Score, double LatenessHours);

    /// <summary>A hold with its places; candidates are for <see cref="SlotJobId"/>'s.</summary>
    public sealed record HoldAnswer(long HoldId, long OrderId, string OrderNumber, DateTimeOffset? FreesAt, IReadOnlyList<SlotAnswer> Slots, long? SlotJobId, IReadOnlyList<CandidateAnswer> Candidates);

    /// <summary>How many jobs left the plan.</summary>
    public sealed record FreedAnswer(int Jobs);

    public static void MapReleasesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("planning");
        var orders = new { orderIds = new[] { 117, 118 }, by = nameof(ReleaseBy.Earliest), evenLate = false };
        api.MapCommand<ReleaseOrders, ReleaseAnswer>("/releases/preview", async (http, body) => Of(http, await Releases(http).PreviewAsync(http.Actor(), body!, http.RequestAborted)))
            .Says("PreviewRelease", "Say what planning these orders would do", "Nothing is written. What doesn't fit comes with the proof and the smallest moves that would make room.").Refuses(StatusCodes.Status404NotFound, "not_found").Example(orders);
        api.MapCommand<ReleaseOrders, ReleaseAnswer>("/releases", async (http, body) => Of(http, await Releases(http).ReleaseAsync(http.Actor(), body!, http.Key(), null, http.RequestAborted)))
            .Says("ReleaseOrders", "Plan all that these orders still need", "Each item whole or not at all; what doesn't fit is left out and said so.").Refuses(StatusCodes.Status404NotFound, "not_found").Example(orders);
        api.MapCommand<AskPromise, PromiseAnswer>("/promises", async (http, body) => Of(http, await http.Service<PromiseService>().AskAsync(http.Actor(), body!, http.RequestAborted)))
            .Says("AskPromise", "Ask when something could be done", "Of a product and quantity, or of an order. Nothing is written, and nothing is kept free.").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses("promise.nothing", "release.no_steps").Example(new { productId = 1, quantity = 500, dueOn = "2027-03-15" });
        api.MapCommand<AskDates, DatesAnswer>("/dates", async (http, body) =>
        {
            var found = await Suggestions(http).DatesAsync(http.Actor(), body!, http.RequestAborted);
            return new DatesAnswer(found.Stage, found.Version, found.Days, found.Machines, Of(http, found.Proof));
        }).Says("SuggestDates", "Suggest days and machines for a step, or for a planned job that would move").Refuses(StatusCodes.Status404NotFound, "not_found").Example(new { stepId = 31, quantity = 250, days = 10 });
        api.MapOne("/holds/{id:long}", HoldAsync).Says("GetFreedPlaces", "Read the places that a hold frees, and what could go there instead", "The candidates are for the first place.");
        api.MapCommand<object, FreedAnswer>("/holds/{id:long}/free", async (http, _) => new FreedAnswer(await http.Service<HoldRelief>().FreeAsync(http.Actor(), http.Id(), http.Key(), http.RequestAborted)), true)
            .Says("FreePlaces", "Give a hold's places back to the plan now").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses("hold.not_open", "hold.freed");
        api.MapCommand<object, JobResult>("/holds/{id:long}/jobs/{job:long}/take", (http, _) => Suggestions(http).TakeOldPlaceAsync(http.Actor(), http.Id(), http.Id("job"), http.Key(), http.RequestAborted), true)
            .Says("TakeOldPlace", "Plan a freed job at its old place again").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses("hold.old_place_gone", "hold.old_place_taken", "capacity.over_minutes", "job.more_than_needed", "job.on_hold");
    }

    private static ReleaseService Releases(HttpContext http) => http.Service<ReleaseService>();

    private static SuggestionService Suggestions(HttpContext http) => http.Service<SuggestionService>();

    private static async Task<HoldAnswer> HoldAsync(HttpContext http)
    {
        var found = await Suggestions(http).OfHoldAsync(http.Actor(), http.Id(), null, http.RequestAborted);
        return new HoldAnswer(found.Hold.Id, found.Hold.OrderId, found.OrderNumber, found.FreesAt,
            [.. found.Slots.Select(s => new SlotAnswer(s.JobId, s.StepId, s.Stage, s.MachineId, s.Machine, s.Start, s.End, s.Quantity, s.Planned, s.Gone is { } gone ? Words(http).Of(gone) : null))], found.Slot?.JobId,
            [.. found.Candidates.Select(c => new CandidateAnswer(c.OrderId, c.OrderNumber, c.StepId, c.Product, c.Need, c.Quantity, c.Start, c.End, c.MachineId, c.SetupMinutes, c.Score, Hours(c.Lateness)))]);
    }

    private static ReleaseAnswer Of(HttpContext http, ReleaseResult result) => new(result.Orders, result.Jobs, [.. result.Lines.Select(l => new ReleaseLineAnswer(l.OrderId, l.OrderNumber, l.ItemId, l.Line, l.Outcome, l.Late, l.Start, l.End,
        l.Why?.Code, l.Why is { } why ? Words(http).Of(why) : null, Of(http, l.Proof), l.Steps, l.Cures))]);

    private static PromiseAnswer Of(HttpContext http, Promise p) => new(p.On, p.Done, p.Late, [.. p.Steps.Select(s => new PromisedStepAnswer(s.Product, s.Stage, s.Department, s.Machine, s.Quantity, s.Start, s.End, Hours(s.Waits)))], Of(http, p.Proof),
        Hours(p.LatenessBefore), Hours(p.LatenessAfter), [.. p.Others.Select(o => new LaterOrder(o.OrderId, o.Number, Hours(o.More)))]);

    private static ProofAnswer? Of(HttpContext http, RoomProof? p) => p is null ? null
        : new(p.Code, Words(http).Of(p.Refusal), p.Kind, p.Pool, p.Stage, p.From, p.Until, Hours(p.Needed), Hours(p.There), [.. p.Orders.Select(o => new ProofOrderAnswer(o.OrderId, o.Number, Hours(o.Time)))]);

    private static RefusalWords Words(HttpContext http) => http.Service<RefusalWords>();

    private static double Hours(TimeSpan time) => Math.Round(time.TotalHours, 2);
}
