using Pms.Core.Data;

namespace Pms.Core.Jobs.Stops;

/// <summary>Reads the stops of machines.</summary>
public sealed class StopQueries(Db db)
{
    private const string Select =
        """
        SELECT r.id, r.machine_id, r.department_id, r.job_id, o.number AS order_number, r.reason_id, x.word AS reason, r.started_at, r.ended_at, r.state
        FROM machine_runs r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id LEFT JOIN reasons x ON x.id = r.reason_id
        """;

    /// <summary>The latest 200 that began in the span or reach into it from the day before.</summary>
    public Task<IReadOnlyList<MachineStop>> OfMachineAsync(long machine, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => db.ListAsync<MachineStop>(
        Select + " WHERE r.machine_id = @machine AND r.started_at >= @before AND r.started_at < @to AND (r.ended_at > @from OR r.ended_at IS NULL) AND r.kind = 'Stop' AND r.state NOT IN ('Superseded', 'Void') " +
        "ORDER BY r.started_at DESC LIMIT 200", new { machine, from, to, before = from.AddDays(-1) }, ct);

    public Task<MachineStop?> FindAsync(long id, CancellationToken ct) => db.FindAsync<MachineStop>(Select + " WHERE r.id = @id AND r.kind = 'Stop'", new { id }, ct);
}
