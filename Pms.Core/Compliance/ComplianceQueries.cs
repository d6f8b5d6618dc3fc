using Dapper;
using Pms.Core.Data;

namespace Pms.Core.Compliance;

/// <summary>Reads the audit across all records, newest first, by keyset: the hundredth page costs what the first one does.</summary>
public sealed class ComplianceQueries(Db db)
{
    private const string Columns =
        "id, at, user_id, employee_id, for_employee_id, terminal_id, actor, channel, ip, agent, request_id, action, entity, entity_id, department_id, changes, reason, seal";

    public Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, IReadOnlySet<long>? departments, AuditCursor? before, int most, CancellationToken ct = default)
    {
        var (where, args) = Where(filter, departments);
        if (before is { } cursor)
        {
            where += " AND at <= @cursorAt AND (at < @cursorAt OR id < @cursorId)";
            args.Add("cursorAt", cursor.At);
            args.Add("cursorId", cursor.Id);
        }
        args.Add("most", most);
        const string select = "SELECT " + Columns + " FROM audit";
        return db.ListAsync<AuditEntry>(select + where + " ORDER BY at DESC, id DESC LIMIT @most", args, ct);
    }

    /// <summary>How many there are, counted to one more than <paramref name="most"/>; after a place, how many came since.</summary>
    public Task<int> CountAsync(AuditFilter filter, IReadOnlySet<long>? departments, AuditCursor? since, int most, CancellationToken ct = default)
    {
        var (where, args) = Where(filter, departments);
        if (since is { } cursor)
        {
            where += " AND at >= @cursorAt AND (at > @cursorAt OR id > @cursorId)";
            args.Add("cursorAt", cursor.At);
            args.Add("cursorId", cursor.Id);
        }
        args.Add("most", most + 1);
        return db.ScalarAsync<int>("SELECT COUNT(*) FROM (SELECT 1 AS one FROM audit" + where + " LIMIT @most) c", args, ct);
    }

    public Task<AuditEntry?> FindAsync(long id, CancellationToken ct = default) =>
        db.FindAsync<AuditEntry>($"SELECT {Columns} FROM audit WHERE id = @id", new { id }, ct);

    /// <summary>The kinds of records there are entries of; jumps from one to the next by the index.</summary>
    public Task<IReadOnlyList<string>> EntitiesAsync(CancellationToken ct = default) => JumpAsync("SELECT MIN(entity) FROM audit WHERE entity > @last", ct);

    /// <summary>The actions there are entries of.</summary>
    public Task<IReadOnlyList<string>> ActionsAsync(CancellationToken ct = default) => JumpAsync("SELECT MIN(action) FROM audit WHERE action > @last", ct);

    private async Task<IReadOnlyList<string>> JumpAsync(string sql, CancellationToken ct)
    {
        var found = new List<string>();
        while (found.Count < 500 && await db.ScalarAsync<string?>(sql, new { last = found.Count == 0 ? "" : found[^1] }, ct) is { } next)
            found.Add(next);
        return found;
    }

    private static (string Where, DynamicParameters Args) Where(AuditFilter filter, IReadOnlySet<long>? departments)
    {
        var args = new DynamicParameters();
        var where = " WHERE at >= @from AND at < @to";
        args.Add("from", filter.From.ToUnixTimeMilliseconds());
        args.Add("to", filter.To.ToUnixTimeMilliseconds());
        void Add(object? value, string name, string fragment)
        {
            if (value is null)
                return;
            where += fragment;
            args.Add(name, value);
        }
        Add(filter.UserId, "userId", " AND (user_id = @userId OR entity = 'user' AND entity_id = @userId AND action = 'signin.failed')");
        Add(filter.EmployeeId, "employeeId", " AND (employee_id = @employeeId OR for_employee_id = @employeeId OR entity = 'employee' AND entity_id = @employeeId AND action = 'signin.failed')");
        Add(string.IsNullOrWhiteSpace(filter.Name) ? null : filter.Name.Trim().ToLowerInvariant(), "actor", " AND INSTR(LOWER(actor), @actor) > 0");
        Add(string.IsNullOrEmpty(filter.Entity) ? null : filter.Entity, "entity", " AND entity = @entity");
        Add(filter.EntityId, "entityId", " AND entity_id = @entityId");
        if (filter.Actions.Count > 0)
        {
            // "noun." is a range of the index: '/' follows '.'.
            where += " AND (action IN @actions";
            args.Add("actions", filter.Actions.Where(a => !a.EndsWith('.')).Append("").ToArray());
            foreach (var (i, noun) in filter.Actions.Where(a => a.EndsWith('.')).Index())
            {
                where += $" OR action >= @noun{i} AND action < @nounEnd{i}";
                args.Add($"noun{i}", noun);
                args.Add($"nounEnd{i}", noun[..^1] + "/");
            }
            where += ")";
        }
        if (filter.FieldMarks.ToList() is { Count: > 0 } marks)
        {
            where += $" AND ({string.Join(" OR ", marks.Select((_, i) => $"INSTR(LOWER(changes), @field{i}) > 0"))})";
            foreach (var (i, mark) in marks.Index())
                args.Add($"field{i}", mark);
        }
        Add(filter.DepartmentId, "departmentId", " AND department_id = @departmentId");
        Add(filter.Channel?.ToString(), "channel", " AND channel = @channel");
        Add(departments, "departments", " AND department_id IN @departments");
        return (where, args);
    }

}
