using Pms.Core.Data;

namespace Pms.Core.Planning;

/// <summary>Time of a machine that planners set aside.</summary>
public sealed class WindowBlockQueries(Db db) : IMachineBlocks
{
    public async Task<IReadOnlyList<MachineBlock>> InAsync(Span window, long? machineId, CancellationToken ct) =>
    [
        .. (await db.ListAsync<Row>("SELECT machine_id, starts_at, ends_at, reason FROM machine_windows WHERE ends_at > @from AND starts_at < @to AND (@machineId IS NULL OR machine_id = @machineId) ORDER BY starts_at",
            new { from = window.Start, to = window.End, machineId }, ct)).Select(r => new MachineBlock(r.MachineId, BlockKind.Window, r.StartsAt, r.EndsAt, r.Reason)),
    ];

    private sealed record Row
    {
        public long MachineId { get; init; }
        public DateTimeOffset StartsAt { get; init; }
        public DateTimeOffset EndsAt { get; init; }
        public string Reason { get; init; } = "";
    }
}
