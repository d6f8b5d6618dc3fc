using Pms.Core.Data;

namespace Pms.Core.Planning;

/// <summary>Machines that stand by a ticket: until they are expected back, at least until now; afterwards until they were released.</summary>
public sealed class TicketBlockQueries(Db db, PlantClock clock) : IMachineBlocks
{
    private const string Columns =
        """
        SELECT t.machine_id, t.number, COALESCE(r.word, t.description) AS title, r.kpi_class, COALESCE(t.stands_from, t.opened_at) AS stands_from, t.started_at, t.expected_back, t.released_at
        FROM maintenance_tickets t LEFT JOIN reasons r ON r.id = t.reason_id
        """;

    public async Task<IReadOnlyList<MachineBlock>> InAsync(Span window, long? machineId, CancellationToken ct)
    {
        var now = clock.Now;
        var rows = await db.ListAsync<Row>(
            $"""
            {Columns} WHERE t.standing_id IS NOT NULL AND t.opened_at < @to AND (@machineId IS NULL OR t.machine_id = @machineId)
            UNION ALL
            {Columns} WHERE t.released_at > @from AND t.stands = 1 AND t.opened_at < @to AND (@machineId IS NULL OR t.machine_id = @machineId)
            """, new { from = window.Start, to = window.End, machineId }, ct);
        return [.. rows.Select(r => r.Block(now)).Where(b => new Span(b.From, b.To).Overlaps(window)).OrderBy(b => b.From)];
    }

    private sealed record Row
    {
        public long MachineId { get; init; }
        public string Number { get; init; } = "";
        public string Title { get; init; } = "";
        public string? KpiClass { get; init; }
        public DateTimeOffset StandsFrom { get; init; }
        public DateTimeOffset? StartedAt { get; init; }
        public DateTimeOffset? ExpectedBack { get; init; }
        public DateTimeOffset? ReleasedAt { get; init; }

        public MachineBlock Block(DateTimeOffset now) => new(MachineId, KpiClass == "Planned" || StartedAt is not null ? BlockKind.Maintenance : BlockKind.Standing,
            StandsFrom, ReleasedAt ?? (ExpectedBack > now ? ExpectedBack.Value : now), Title, Number);
    }
}
