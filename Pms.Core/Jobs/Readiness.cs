using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>What stands between a planned job and its Start, the gravest first; only the first two are hard.</summary>
public enum ReadinessKind { OnHold, MachineStands, Short, WaitingFor, ReadyForSome, Ready }

/// <summary>Whether a job can begin, as a kind and figures that the page puts into words.</summary>
/// <param name="Available">Pieces that lie ready; null where nothing goes before.</param>
/// <param name="Of">Pieces still to make.</param>
/// <param name="Word">The stage waited for, what is short, or the kind of the hold.</param>
public sealed record Readiness(ReadinessKind Kind, decimal? Available, decimal Of, string? Word = null)
{
    /// <summary>The gravest thing first: a hold, a standing machine, something short, missing input.</summary>
    public static Readiness For(OperatorJob job, ItemFlow flow)
    {
        var available = flow.Available(job.StepId);
        if (job.HoldKind is { } hold)
            return new(ReadinessKind.OnHold, available, job.Rest, hold);
        if (job.StandsSince is not null)
            return new(ReadinessKind.MachineStands, available, job.Rest);
        if (job.Short is { } what)
            return new(ReadinessKind.Short, available, job.Rest, what);
        if (available is not { } some || some >= job.Rest)
            return new(ReadinessKind.Ready, available, job.Rest);
        var stage = flow.WaitsFor(job.StepId)?.Stage;
        return some > 0 ? new(ReadinessKind.ReadyForSome, some, job.Rest, stage) : new(ReadinessKind.WaitingFor, 0, job.Rest, stage);
    }
}
