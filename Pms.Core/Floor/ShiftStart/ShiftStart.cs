using Pms.Core.Floor.People;
using Pms.Core.Jobs;

namespace Pms.Core.Floor.ShiftStart;

/// <summary>What a Supervisor looks at when the shift begins: who is here, what can run now, what is missing, and where each machine goes from here.</summary>
public sealed record ShiftStart
{
    public IReadOnlyList<FloorPerson> People { get; init; } = [];
    public IReadOnlyList<MachinePlan> Machines { get; init; } = [];

    /// <summary>Planned to work benches and places without a machine, in their order.</summary>
    public IReadOnlyList<OperatorJob> Elsewhere { get; init; } = [];

    /// <summary>More is planned than is shown.</summary>
    public bool More { get; init; }

    public IEnumerable<FloorPerson> Here => People.Where(p => p.IsHere);
    public IEnumerable<FloorPerson> Absent => People.Where(p => p.IsAbsent && !p.IsHere);
    public IEnumerable<FloorPerson> NotHere => People.Where(p => !p.IsHere && !p.IsAbsent);

    /// <summary>Next jobs that could be started this minute: their machine is free, and nothing stands in the way.</summary>
    public IEnumerable<OperatorJob> CanRun => Machines.Where(m => m.CanRun).Select(m => m.Next!).Concat(Elsewhere.Where(j => IsReady(j.Readiness)));

    /// <summary>Next jobs in whose way something stands.</summary>
    public IEnumerable<OperatorJob> Missing => Machines.Select(m => m.Next).OfType<OperatorJob>().Concat(Elsewhere).Where(j => !IsReady(j.Readiness));

    internal static bool IsReady(Readiness readiness) => readiness.Kind is ReadinessKind.Ready or ReadinessKind.ReadyForSome;
}

/// <summary>One machine: what is on it and when that ends, and what comes next and when that ends. Ends are forecasts from standard minutes over the working time.</summary>
public sealed record MachinePlan
{
    public required MachineTile Tile { get; init; }
    public OperatorJob? Now { get; init; }
    public DateTimeOffset? NowEnds { get; init; }
    public OperatorJob? Next { get; init; }
    public DateTimeOffset? NextStarts { get; init; }
    public DateTimeOffset? NextEnds { get; init; }

    /// <summary>How many more are planned behind the next.</summary>
    public int Behind { get; init; }

    public bool CanRun => Now is null && Next is { } next && ShiftStart.IsReady(next.Readiness) && Tile.State is not (MachineState.Broken or MachineState.Maintenance);
}
