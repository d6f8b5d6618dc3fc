using Pms.Core.Orders;

namespace Pms.Core.Jobs;

/// <summary>Everything that a tap on a job is decided on; the decision is kept by the conditional writes.</summary>
public sealed record JobSituation
{
    public required Job Job { get; init; }
    public required JobPlace Place { get; init; }

    /// <summary>Its steps don't know their stages' names, which only refusals want.</summary>
    public required ItemFlow Flow { get; init; }

    /// <summary>The machine asked for, or the job's own.</summary>
    public MachineAtStart? Machine { get; init; }

    /// <summary>Open intervals that hold a slot of that machine.</summary>
    public IReadOnlyList<OpenRun> MachineRuns { get; init; } = [];

    /// <summary>The job's own open machine interval, run or stop.</summary>
    public OpenRun? JobRun { get; init; }

    /// <summary>Who works on the job right now; by name where it would begin.</summary>
    public IReadOnlyList<OpenWork> JobWork { get; init; } = [];

    /// <summary>The employee who would act.</summary>
    public Person? Person { get; init; }

    /// <summary>What that employee works on right now.</summary>
    public IReadOnlyList<OpenWork> PersonWork { get; init; } = [];

    /// <summary>Open holds that cover the job.</summary>
    public IReadOnlyList<OpenHold> Holds { get; init; } = [];

    /// <summary>Materials, artwork or tools marked short for the step.</summary>
    public IReadOnlyList<string> Short { get; init; } = [];

    /// <summary>The order that comes before this job in the machine's sequence, where the department wants a reason for passing it; else null.</summary>
    public string? Ahead { get; init; }

    public OrderStanding Standing => new(Job.OrderId, Place.OrderStatus, Place.OrderVersion, Job.ItemId, Place.ItemStatus, Place.ItemVersion);

    public FlowStep Step => Flow.Step(Job.StepId);

    /// <summary>Nothing of what the step works on is there.</summary>
    public bool HasNoInput => Flow.Available(Job.StepId) is <= 0;

    /// <summary>It may pass a job that comes before it, of a department that minds.</summary>
    public bool MayPass => Place.Sequenced > 0 && Job is { Id: > 0, Status: JobStatus.Planned } && Machine is not null;

    public int? FreeMachineSlot => Machine is null ? null : Free(Machine.Slots, MachineRuns.Select(r => r.Slot));

    public int? FreePersonSlot => Person is null ? null : Free(Person.Slots, PersonWork.Select(w => w.Slot));

    private static int? Free(int slots, IEnumerable<int?> taken)
    {
        var held = taken.Where(s => s is not null).Select(s => s!.Value).ToHashSet();
        for (var slot = 1; slot <= slots; slot++)
            if (!held.Contains(slot))
                return slot;
        return null;
    }
}

/// <summary>The names and states around a job that rules and refusals need.</summary>
public sealed record JobPlace
{
    public string OrderNumber { get; init; } = "";
    public OrderStatus OrderStatus { get; init; }
    public int OrderVersion { get; init; }
    public OrderStatus ItemStatus { get; init; }
    public int ItemVersion { get; init; }
    public decimal ItemQuantity { get; init; }
    public decimal? OverTolerance { get; init; }
    public decimal? UnderTolerance { get; init; }

    public int Decimals { get; init; }

    /// <summary>The job's stage; where it would begin.</summary>
    public string Stage { get; init; } = "";
    public string StageKind { get; init; } = "";

    /// <summary>Something may stand in the way of a beginning: taken slots, holds on the order, shortages; false for work that goes on.</summary>
    public bool InTheWay { get; init; }

    /// <summary>Departments that want a reason where a job of theirs is passed in the plan.</summary>
    public long Sequenced { get; init; }
}

/// <summary>What an order's status hangs on beside one of its items.</summary>
public sealed record OtherItems
{
    /// <summary>One is neither Completed nor Cancelled.</summary>
    public bool Open { get; init; }

    /// <summary>On one work has begun.</summary>
    public bool Started { get; init; }
    public bool Unscheduled { get; init; }

    /// <summary>Open holds on the order or anything of it.</summary>
    public long Holds { get; init; }
}

public sealed record MachineAtStart
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public long DepartmentId { get; init; }
    public int Version { get; init; }
    public int Slots { get; init; }
    public bool Unattended { get; init; }
    public DateTimeOffset? RetiredAt { get; init; }
    public bool RunsStage { get; init; }

    /// <summary>The open ticket that says the machine stands; null if it can run.</summary>
    public string? Ticket { get; init; }
    public string? TicketStatus { get; init; }
    public DateTimeOffset? ExpectedBack { get; init; }
}

public sealed record OpenRun
{
    public long Id { get; init; }
    public int? Slot { get; init; }
    public long JobId { get; init; }
    public MachineTimeKind Kind { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public string OrderNumber { get; init; } = "";
    public string? Operator { get; init; }
}

public sealed record OpenWork
{
    public long Id { get; init; }
    public long EmployeeId { get; init; }
    public int? Slot { get; init; }
    public long? JobId { get; init; }
    public WorkTimeKind Kind { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public string Name { get; init; } = "";
    public string? OrderNumber { get; init; }
    public string? Machine { get; init; }
}

public sealed record Person
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public long DepartmentId { get; init; }
    public int Slots { get; init; }
    public bool Active { get; init; }
    public bool ClockedIn { get; init; }
    public bool HasSkill { get; init; }
    public DateOnly? SkillExpiresOn { get; init; }
}

public sealed record OpenHold
{
    public string Scope { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Note { get; init; } = "";
    public DateTimeOffset OpenedAt { get; init; }
}
