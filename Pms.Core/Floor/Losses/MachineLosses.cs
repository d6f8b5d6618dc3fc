namespace Pms.Core.Floor.Losses;

/// <summary>One machine over some production days: its OEE as sum over sum of its shifts, and the pieces it lost.</summary>
public sealed record MachineLosses
{
    public required FloorMachine Machine { get; init; }
    public required Oee Oee { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }

    /// <summary>Its stops by reason, the longest first.</summary>
    public IReadOnlyList<StopSum> Stops { get; init; } = [];
}

/// <summary>How long and how often a machine stood for one reason; null is a stop nobody gave a reason for.</summary>
public sealed record StopSum(string? Reason, TimeSpan Time, int Times);

/// <summary>A stop of a machine, for sums by reason.</summary>
public sealed record StopRow
{
    public long MachineId { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Pieces of a machine by product and standard.</summary>
public sealed record MachinePieces
{
    public long MachineId { get; init; }
    public long ProductId { get; init; }
    public decimal? RunMinutes { get; init; }
    public decimal Good { get; init; }
    public decimal Scrap { get; init; }
    public decimal Rework { get; init; }
}

/// <summary>All that a period's losses are computed from.</summary>
public sealed record LossRead(IReadOnlyList<FloorMachine> Machines, IReadOnlyList<MachineRunRow> Runs, IReadOnlyList<StandingTicket> Tickets,
    IReadOnlyList<PersonSpan> Work, IReadOnlyList<PersonSpan> Presences, IReadOnlyList<MachinePieces> Pieces, IReadOnlyList<StopRow> Stops);
