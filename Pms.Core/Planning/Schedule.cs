namespace Pms.Core.Planning;

/// <summary>The plan of a stretch of time, as far as its reader may see it.</summary>
public sealed record Schedule
{
    public required Span Window { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>All that the reader may see, whichever is chosen.</summary>
    public IReadOnlyList<PlanDepartment> Departments { get; init; } = [];
    public IReadOnlyList<PlanCentre> Centres { get; init; } = [];
    public IReadOnlyList<PlanMachine> Machines { get; init; } = [];
    public IReadOnlyList<PlannedJob> Jobs { get; init; } = [];
    public IReadOnlyList<MachineBlock> Blocks { get; init; } = [];

    /// <summary>What of the window is not shown, because it is too much at once.</summary>
    public LeftOut LeftOut { get; init; }
}

/// <summary>Finished jobs are left out first: whoever plans needs what is open.</summary>
public enum LeftOut { Nothing, Finished, Some }

public sealed record PlanDepartment
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
}

public sealed record PlanCentre
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
}

public sealed record PlanMachine
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public long? WorkCentreId { get; init; }

    /// <summary>Jobs in parallel.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>The stages it can run.</summary>
    public IReadOnlySet<long> Stages { get; init; } = new HashSet<long>();
}

/// <summary>A machine stands by a fault, is in maintenance, or is kept free by a planned window.</summary>
public enum BlockKind { Standing, Maintenance, Window }

/// <summary>Keeps a machine from its plan for a while.</summary>
/// <param name="Number">The ticket's.</param>
public sealed record MachineBlock(long MachineId, BlockKind Kind, DateTimeOffset From, DateTimeOffset To, string Title, string? Number = null);

/// <summary>A source of what keeps machines from their plan; each is registered once, and board and machine calendar show them all.</summary>
public interface IMachineBlocks
{
    /// <param name="machineId">One machine, or all.</param>
    Task<IReadOnlyList<MachineBlock>> InAsync(Span window, long? machineId, CancellationToken ct);
}
