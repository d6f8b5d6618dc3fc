using Dapper;
using Pms.Core.Data;
using Pms.Core.Jobs;

namespace Pms.Core.Floor.Phases;

/// <summary>Reads the intervals and standing tickets of one machine, by its indexes.</summary>
public sealed class PhaseQueries(Db db)
{
    /// <summary>A closed interval that reaches into the window began at most this long before it.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(31);

    public Task<(IReadOnlyList<PhaseRun> Runs, IReadOnlyList<PhaseTicket> Tickets)> LoadAsync(long machine, Span window, CancellationToken ct) => db.ManyAsync<(IReadOnlyList<PhaseRun>, IReadOnlyList<PhaseTicket>)>(
        """
        SELECT r.kind, r.started_at, r.ended_at, o.number AS order_number, x.word AS reason
        FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id LEFT JOIN reasons x ON x.id = r.reason_id
        WHERE r.machine_id = @machine AND r.started_at >= @before AND r.started_at < @to AND r.ended_at > @from AND r.state NOT IN ('Superseded', 'Void')
        UNION ALL
        SELECT r.kind, r.started_at, r.ended_at, o.number AS order_number, x.word AS reason
        FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id LEFT JOIN reasons x ON x.id = r.reason_id
        WHERE r.open_machine_id = @machine AND r.started_at < @to AND r.state NOT IN ('Superseded', 'Void');

        SELECT t.number, r.word AS reason, t.description, r.kpi_class, COALESCE(t.stands_from, t.opened_at) AS stands_from, t.started_at, t.released_at
        FROM maintenance_tickets t LEFT JOIN reasons r ON r.id = t.reason_id
        WHERE t.machine_id = @machine AND t.stands = 1 AND t.opened_at < @to AND (t.released_at > @from OR t.released_at IS NULL)
        """, new { machine, from = window.Start, to = window.End, before = window.Start - LookBack }, async grids =>
            ((await grids.ReadAsync<PhaseRun>()).AsList(), (await grids.ReadAsync<PhaseTicket>()).AsList()), ct);
}

/// <summary>An interval of a machine with its words.</summary>
public sealed record PhaseRun
{
    public MachineTimeKind Kind { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string OrderNumber { get; init; } = "";
    public string? Reason { get; init; }

    public PhaseSource Source(DateTimeOffset now) => new(
        Kind switch { MachineTimeKind.Setup => MachinePhase.SetUp, MachineTimeKind.Stop => MachinePhase.Stopped, _ => MachinePhase.Producing },
        new Span(StartedAt, EndedAt ?? now), OrderNumber, Kind == MachineTimeKind.Stop ? Reason : null);
}

/// <summary>A ticket by which a machine stood.</summary>
public sealed record PhaseTicket
{
    public string Number { get; init; } = "";
    public string? Reason { get; init; }
    public string Description { get; init; } = "";
    public string? KpiClass { get; init; }
    public DateTimeOffset StandsFrom { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>Standing until work on it begins; planned work is maintenance from the first moment.</summary>
    public IEnumerable<PhaseSource> Sources(DateTimeOffset now)
    {
        var why = Reason ?? (Description.Length > 0 ? Description : null);
        var end = ReleasedAt ?? now;
        var begun = KpiClass == "Planned" ? StandsFrom : StartedAt ?? end;
        if (begun > StandsFrom)
            yield return new(MachinePhase.Standing, new Span(StandsFrom, begun < end ? begun : end), null, why, Number);
        yield return new(MachinePhase.Maintenance, new Span(begun > StandsFrom ? begun : StandsFrom, end), null, why, Number);
    }
}
