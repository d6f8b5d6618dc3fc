using Pms.Core.Data;

namespace Pms.Core.Departments;

/// <summary>Writes the reason lists and reads them.</summary>
public sealed class ReasonRepository(Db db)
{
    private const string Select = "SELECT id, list, department_id, code, word, icon, position, kpi_class, opens_ticket, ends_labour, active, version FROM reasons";

    public Task<IReadOnlyList<Reason>> AllAsync(CancellationToken ct = default) => db.ListAsync<Reason>(Select + " ORDER BY list, department_id, position, id", ct: ct);

    public Task<Reason?> FindAsync(long id, CancellationToken ct = default) => db.FindAsync<Reason>(Select + " WHERE id = @id", new { id }, ct);

    public Task<long> InsertAsync(Tx tx, Reason r) => tx.InsertAsync(InsertSql, Args(r));

    public void Add(Tx tx, Reason r) => tx.Add(InsertSql, Args(r));

    public void Update(Tx tx, Reason r) => tx.Add(
        """
        UPDATE reasons SET word = @Word, icon = @Icon, position = @Position, kpi_class = @KpiClass, opens_ticket = @OpensTicket, ends_labour = @EndsLabour,
            active = @Active, version = version + 1
        WHERE id = @Id AND version = @Version
        """, Args(r));

    private const string InsertSql =
        """
        INSERT INTO reasons (list, department_id, code, unique_key, word, icon, position, kpi_class, opens_ticket, ends_labour, active)
        VALUES (@List, @DepartmentId, @Code, @UniqueKey, @Word, @Icon, @Position, @KpiClass, @OpensTicket, @EndsLabour, @Active)
        """;

    private static object Args(Reason r) => new
    {
        r.Id, List = r.List.ToString(), r.DepartmentId, r.Code, UniqueKey = $"{r.List}/{r.DepartmentId ?? 0}/{Text.Key(r.Code)}", r.Word, r.Icon, r.Position, KpiClass = r.KpiClass?.ToString(), r.OpensTicket, r.EndsLabour, r.Active, r.Version,
    };
}
