using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>What records are called today, for stories that hold only their numbers.</summary>
public sealed class RecordNameQueries(Db db)
{
    /// <summary>By kind; those that are gone are missing.</summary>
    public async Task<IReadOnlyDictionary<long, string>> ListAsync(string kind, IReadOnlyCollection<long> ids, CancellationToken ct = default)
    {
        var sql = kind switch
        {
            "user" => "SELECT id, user_name AS code, display_name AS name FROM users WHERE id IN @ids",
            "employee" => "SELECT id, first_name AS code, last_name AS name, 1 AS spaced FROM employees WHERE id IN @ids",
            "role" => "SELECT id, name FROM roles WHERE id IN @ids",
            "terminal" => "SELECT id, name FROM terminals WHERE id IN @ids",
            "department" => "SELECT id, name FROM departments WHERE id IN @ids",
            "stage" => "SELECT id, name FROM stages WHERE id IN @ids",
            "shift" => "SELECT id, name FROM shifts WHERE id IN @ids",
            "work_centre" => "SELECT id, code, name FROM work_centres WHERE id IN @ids",
            "machine" => "SELECT id, number AS code, name FROM machines WHERE id IN @ids",
            "reason" => "SELECT id, code AS name FROM reasons WHERE id IN @ids",
            "category" => "SELECT id, name FROM categories WHERE id IN @ids",
            "product" => "SELECT id, code, name FROM products WHERE id IN @ids",
            "customer" => "SELECT id, name FROM customers WHERE id IN @ids",
            "order" => "SELECT id, number AS name FROM orders WHERE id IN @ids",
            "order_item" => "SELECT i.id, o.number AS code, i.line AS name FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.id IN @ids",
            "job" => "SELECT j.id, o.number AS code, s.name FROM jobs j JOIN orders o ON o.id = j.order_id JOIN stages s ON s.id = j.stage_id WHERE j.id IN @ids",
            "hold" => "SELECT h.id, o.number AS name FROM holds h JOIN orders o ON o.id = h.order_id WHERE h.id IN @ids",
            "ticket" => "SELECT id, number AS name FROM maintenance_tickets WHERE id IN @ids",
            "wall_board" => "SELECT id, name FROM wall_boards WHERE id IN @ids",
            _ => null,
        };
        if (sql is null || ids.Count == 0)
            return new Dictionary<long, string>();
        var names = await db.ListAsync<Named>(sql, new { ids }, ct);
        return names.ToDictionary(n => n.Id, n => n.Code is null ? n.Name : n.Spaced == 1 ? $"{n.Code} {n.Name}" : $"{n.Code} · {n.Name}");
    }

    private sealed record Named
    {
        public long Id { get; init; }
        public string? Code { get; init; }
        public string Name { get; init; } = "";
        public int Spaced { get; init; }
    }
}
