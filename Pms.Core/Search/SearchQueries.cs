using Dapper;
using Pms.Core.Data;

namespace Pms.Core.Search;

/// <summary>The few best of every kind in one round trip: long tables from the beginning of an indexed key, master data anywhere in it.</summary>
public sealed class SearchQueries(Db db)
{
    private const string Orders =
        """
        SELECT 'Order' AS kind, o.id, o.number AS name, CASE WHEN @customers = 1 THEN c.name END AS detail
        FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.number_key >= @q AND o.number_key < @qEnd ORDER BY o.number_key LIMIT @most
        """;

    // Of the first orders only, so that a short beginning doesn't sort every job there ever was.
    private const string Jobs =
        """
        SELECT 'Job' AS kind, j.id, o.number AS name, CASE WHEN m.number IS NULL THEN s.name ELSE CONCAT(s.name, ' · ', m.number) END AS detail
        FROM (SELECT x.id, x.number, x.number_key FROM orders x WHERE x.number_key >= @q AND x.number_key < @qEnd ORDER BY x.number_key LIMIT 20) o
            JOIN jobs j ON j.order_id = o.id JOIN stages s ON s.id = j.stage_id LEFT JOIN machines m ON m.id = j.machine_id
        WHERE j.status <> 'Cancelled' AND (@allJob = 1 OR j.department_id IN @inJob)
        ORDER BY CASE WHEN j.status IN ('Running', 'Paused') THEN 0 WHEN j.status = 'Planned' THEN 1 ELSE 2 END, o.number_key, j.planned_start, j.id LIMIT @most
        """;

    private const string Machines =
        """
        SELECT 'Machine' AS kind, m.id, m.number AS name, m.name AS detail FROM machines m
        WHERE (INSTR(m.number_key, @q) > 0 OR INSTR(m.name_key, @q) > 0) AND (@allMachine = 1 OR m.department_id IN @inMachine)
        ORDER BY CASE WHEN m.number_key >= @q AND m.number_key < @qEnd THEN 0 ELSE 1 END, m.number_key LIMIT @most
        """;

    private const string Employees =
        """
        SELECT 'Employee' AS kind, e.id, CONCAT(e.first_name, ' ', e.last_name) AS name, e.number AS detail FROM employees e
        WHERE (INSTR(e.number_key, @q) > 0 OR INSTR(e.name_key, @q) > 0)
            AND (@allEmployee = 1 OR e.department_id IN @inEmployee OR EXISTS (SELECT 1 FROM employee_departments x WHERE x.employee_id = e.id AND x.department_id IN @inEmployee))
        ORDER BY CASE WHEN e.number_key >= @q AND e.number_key < @qEnd THEN 0 WHEN e.name_key >= @q AND e.name_key < @qEnd THEN 1 ELSE 2 END, e.name_key LIMIT @most
        """;

    private const string Products =
        """
        SELECT 'Product' AS kind, p.id, p.code AS name, p.name AS detail FROM products p
        WHERE (p.code_key >= @q AND p.code_key < @qEnd) OR (p.name_key >= @q AND p.name_key < @qEnd) ORDER BY p.code_key LIMIT @most
        """;

    private const string Tickets =
        """
        SELECT 'Ticket' AS kind, t.id, t.number AS name, m.name AS detail, m.number AS machine FROM maintenance_tickets t JOIN machines m ON m.id = t.machine_id
        WHERE t.number >= @q AND t.number < @qEnd AND (@allTicket = 1 OR t.department_id IN @inTicket) ORDER BY t.number LIMIT @most
        """;

    private const string Users =
        """
        SELECT 'User' AS kind, u.id, u.display_name AS name, u.user_name AS detail FROM users u
        WHERE INSTR(u.user_name_key, @q) > 0 OR INSTR(UPPER(u.display_name), @q) > 0
        ORDER BY CASE WHEN u.user_name_key >= @q AND u.user_name_key < @qEnd THEN 0 ELSE 1 END, u.user_name_key LIMIT @most
        """;

    private static string Of(FoundKind kind) => kind switch
    {
        FoundKind.Order => Orders, FoundKind.Job => Jobs, FoundKind.Machine => Machines, FoundKind.Employee => Employees,
        FoundKind.Product => Products, FoundKind.Ticket => Tickets, _ => Users,
    };

    /// <param name="key">Folded, as the keys are.</param>
    /// <param name="most">Of each kind.</param>
    public async Task<IReadOnlyList<Found>> FindAsync(string key, int most, SearchScope scope, CancellationToken ct)
    {
        var kinds = scope.Kinds.Order().ToArray();
        if (kinds.Length == 0)
            return [];
        var args = new DynamicParameters(new { q = key, qEnd = Text.PrefixEnd(key), most, customers = scope.Customers ? 1 : 0 });
        foreach (var kind in kinds)
        {
            var some = scope.Departments.GetValueOrDefault(kind);
            args.Add("all" + kind, some is null ? 1 : 0);
            args.Add("in" + kind, some ?? [-1L]);
        }
        return await db.ManyAsync<IReadOnlyList<Found>>(string.Join(";\n", kinds.Select(Of)), args, async grids =>
        {
            var found = new List<Found>();
            foreach (var _ in kinds)
                found.AddRange(await grids.ReadAsync<Found>());
            return found;
        }, ct);
    }
}
