using Pms.Core.Data;

namespace Pms.Core.Machines;

/// <summary>Writes planned windows and reads them.</summary>
public sealed class MachineWindowRepository(Db db)
{
    private static readonly ListQuery List = new ListQuery(
            "SELECT w.id, w.machine_id, m.number AS machine, m.department_id, w.kind, w.starts_at, w.ends_at, w.reason, w.version", "FROM machine_windows w JOIN machines m ON m.id = w.machine_id", "w.id")
        .Contains("m.number_key")
        .Filter("department", "m.department_id = @department", ListQuery.Number).Filter("machine", "w.machine_id = @machine", ListQuery.Number)
        .Sort("start", "w.starts_at").Sort("machine", "m.number_key", "w.starts_at").SortedBy("start");

    public static ListShape Shape => List.Shape;

    private const string Select = "SELECT id, machine_id, kind, starts_at, ends_at, reason, version FROM machine_windows";

    /// <summary>Those that are not over.</summary>
    public Task<Page<MachineWindowRow>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, DateTimeOffset from, CancellationToken ct) =>
        List.PageAsync<MachineWindowRow>(db, request, ("w.ends_at > @from AND (@every = 1 OR m.department_id IN @scope)", new { from, every = scope is null ? 1 : 0, scope = scope ?? new HashSet<long>() }), ct);

    public Task<MachineWindow?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<MachineWindow>(Select + " WHERE id = @id", new { id }, ct);

    /// <summary>Those of one machine that end after an instant, by their start.</summary>
    public Task<IReadOnlyList<MachineWindow>> OfMachineAsync(long machineId, DateTimeOffset from, CancellationToken ct = default) =>
        db.ListAsync<MachineWindow>(Select + " WHERE machine_id = @machineId AND ends_at > @from ORDER BY starts_at, id", new { machineId, from }, ct);

    /// <summary>The first other window of the machine that it would overlap; read by a transaction that holds the machine's row.</summary>
    public static Task<MachineWindow?> OverlappedAsync(Tx tx, MachineWindow w) => tx.FindAsync<MachineWindow>(
        Select + " WHERE machine_id = @MachineId AND id <> @Id AND ends_at > @StartsAt AND starts_at < @EndsAt ORDER BY starts_at LIMIT 1", new { w.MachineId, w.Id, w.StartsAt, w.EndsAt });

    public Task<long> InsertAsync(Tx tx, MachineWindow w) => tx.InsertAsync(
        "INSERT INTO machine_windows (machine_id, kind, starts_at, ends_at, reason) VALUES (@MachineId, @Kind, @StartsAt, @EndsAt, @Reason)", new { w.MachineId, Kind = w.Kind.ToString(), w.StartsAt, w.EndsAt, w.Reason });

    public void Update(Tx tx, MachineWindow w) => tx.Add(
        "UPDATE machine_windows SET starts_at = @StartsAt, ends_at = @EndsAt, reason = @Reason, version = version + 1 WHERE id = @Id AND version = @Version", new { w.Id, w.Version, w.StartsAt, w.EndsAt, w.Reason });

    public Task<int> DeleteAsync(Tx tx, MachineWindow w) => tx.ExecuteAsync("DELETE FROM machine_windows WHERE id = @Id AND version = @Version", new { w.Id, w.Version });
}
