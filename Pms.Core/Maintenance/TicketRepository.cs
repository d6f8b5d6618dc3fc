using Pms.Core.Data;

namespace Pms.Core.Maintenance;

/// <summary>The table maintenance_tickets.</summary>
public sealed class TicketRepository(Db db)
{
    private const string Columns =
        """
        SELECT t.id, t.number, t.machine_id, t.department_id, t.reason_id, t.description, t.severity, t.stands, t.status, t.reported_by, t.reporter_employee_id, t.assigned_employee_id,
               t.opened_at, t.stands_from, t.expected_back, t.started_at, t.completed_at, t.released_at, t.work_done, t.version, m.number AS machine,
               CONCAT(e.first_name, ' ', e.last_name) AS assigned
        """;

    private const string From = "FROM maintenance_tickets t JOIN machines m ON m.id = t.machine_id LEFT JOIN employees e ON e.id = t.assigned_employee_id";
    private const string Select = Columns + " " + From;

    private static readonly ListQuery List = new ListQuery(Columns, From, "t.id")
        .Contains("t.number", "m.number_key")
        .Filter("department", "t.department_id = @department", ListQuery.Number).Filter("machine", "t.machine_id = @machine", ListQuery.Number).Filter("assigned", "t.assigned_employee_id = @assigned", ListQuery.Number)
        .Filter("status", "t.status IN @status", ListQuery.OneOf<TicketStatus>).Filter("severity", "t.severity IN @severity", ListQuery.OneOf<Severity>)
        .Filter("stands", "(CASE WHEN t.standing_id IS NULL THEN 0 ELSE 1 END) = @stands", ListQuery.Flag)
        .Sort("opened", "t.opened_at").Sort("number", "t.number").Sort("machine", "m.number_key").SortedBy("-opened");

    public static ListShape Shape => List.Shape;

    public Task<Page<Ticket>> PageAsync(PageRequest request, IReadOnlySet<long>? scope, CancellationToken ct) =>
        List.PageAsync<Ticket>(db, request, scope is null ? null : ("t.department_id IN @scope", new { scope }), ct);

    public Task<Ticket?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Ticket>(Select + " WHERE t.id = @id", new { id }, ct);

    /// <summary>The ticket that says the machine stands, or null.</summary>
    public Task<Ticket?> FindStandingAsync(long machineId, CancellationToken ct = default) => db.FindAsync<Ticket>(Select + " WHERE t.standing_id = @machineId", new { machineId }, ct);

    /// <summary>Tickets that are not done or whose machine still stands, newest first; at most 500.</summary>
    public Task<IReadOnlyList<Ticket>> ListOpenAsync(CancellationToken ct = default) => db.ListAsync<Ticket>(
        Select + " WHERE t.status IN ('Open', 'Assigned', 'InProgress', 'AwaitingParts') OR t.standing_id IS NOT NULL ORDER BY t.opened_at DESC LIMIT 500", null, ct);

    /// <summary>The newest tickets of a machine, closed ones too.</summary>
    public Task<IReadOnlyList<Ticket>> ListOfMachineAsync(long machineId, CancellationToken ct = default) => db.ListAsync<Ticket>(
        Select + " WHERE t.machine_id = @machineId ORDER BY t.opened_at DESC LIMIT 50", new { machineId }, ct);

    public Task<MachineRef?> FindMachineAsync(long id, CancellationToken ct) => db.FindAsync<MachineRef>("SELECT id, number, department_id, retired_at FROM machines WHERE id = @id", new { id }, ct);

    /// <summary>The jobs running on the machine now.</summary>
    public static Task<IReadOnlyList<long>> RunningJobsAsync(Tx tx, long machineId) => tx.ListAsync<long>(
        "SELECT job_id FROM machine_runs WHERE open_machine_id = @machineId AND slot IS NOT NULL ORDER BY slot", new { machineId });

    public async Task<long> InsertAsync(Tx tx, Ticket ticket)
    {
        var id = await tx.InsertAsync(
            """
            INSERT INTO maintenance_tickets (number, machine_id, department_id, reason_id, description, severity, stands, status, reported_by, reporter_employee_id, opened_at, stands_from, expected_back)
            VALUES (@Number, @MachineId, @DepartmentId, @ReasonId, @Description, @Severity, @Stands, @Status, @ReportedBy, @ReporterEmployeeId, @OpenedAt, @StandsFrom, @ExpectedBack)
            """,
            new
            {
                Number = Guid.NewGuid().ToString("N"), ticket.MachineId, ticket.DepartmentId, ticket.ReasonId, ticket.Description, Severity = ticket.Severity.ToString(), ticket.Stands,
                Status = ticket.Status.ToString(), ticket.ReportedBy, ticket.ReporterEmployeeId, ticket.OpenedAt, ticket.StandsFrom, ticket.ExpectedBack,
            });
        tx.Add("UPDATE maintenance_tickets SET number = @number WHERE id = @id", new { number = Number(id), id });
        return id;
    }

    public static string Number(long id) => $"MT-{id:0000}";

    public void Update(Tx tx, Ticket before, Ticket after) => tx.Add(
        """
        UPDATE maintenance_tickets SET stands = @Stands, status = @Status, assigned_employee_id = @AssignedEmployeeId, expected_back = @ExpectedBack, started_at = @StartedAt,
               completed_at = @CompletedAt, released_at = @ReleasedAt, work_done = @WorkDone, version = version + 1
        WHERE id = @Id AND version = @Version
        """,
        new { after.Stands, after.Status, after.AssignedEmployeeId, after.ExpectedBack, after.StartedAt, after.CompletedAt, after.ReleasedAt, after.WorkDone, before.Id, before.Version });
}

public sealed record MachineRef
{
    public long Id { get; init; }
    public string Number { get; init; } = "";
    public long DepartmentId { get; init; }
    public DateTimeOffset? RetiredAt { get; init; }
}
