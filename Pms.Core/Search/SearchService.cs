using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Orders;

namespace Pms.Core.Search;

/// <summary>
/// Finds orders, jobs, machines, people, products and tickets by the number or name that people know them by. Looks only where the actor may see
/// records, in their departments, and by fields that are never hidden.
/// </summary>
public sealed class SearchService(SearchQueries queries, FieldRules fields, Rights rights)
{
    /// <summary>Of each kind.</summary>
    public const int Most = 5;

    /// <summary>Fewer letters find nothing.</summary>
    public const int Least = 2, Longest = 100;

    private static readonly (FoundKind Kind, string View)[] Looked =
    [
        (FoundKind.Order, Permissions.OrdersView), (FoundKind.Job, Permissions.JobsView), (FoundKind.Machine, Permissions.MachinesView), (FoundKind.Employee, Permissions.EmployeesView),
        (FoundKind.Product, Permissions.ProductsView), (FoundKind.Ticket, Permissions.MaintenanceView), (FoundKind.User, Permissions.AdminUsers),
    ];

    /// <summary>What belongs to no department is seen by whoever sees all.</summary>
    private static readonly HashSet<FoundKind> OfThePlant = [FoundKind.Order, FoundKind.Product, FoundKind.User];

    /// <summary>The best of each kind, by kinds; nothing where the text is too short.</summary>
    /// <exception cref="ForbiddenException">The actor is nobody any more.</exception>
    public async Task<IReadOnlyList<Found>> FindAsync(Actor actor, string text, CancellationToken ct = default)
    {
        if (!rights.Now.IsActive(actor))
            throw new ForbiddenException(Permissions.OrdersView);
        var key = Text.Key(text);
        if (key.Length is < Least or > Longest)
            return [];
        var (kinds, departments) = (new List<FoundKind>(), new Dictionary<FoundKind, IReadOnlyCollection<long>>());
        foreach (var (kind, view) in Looked)
        {
            var reach = rights.Now.Departments(actor, view);
            if (!reach.IsAll && (reach.Ids.Count == 0 || OfThePlant.Contains(kind)))
                continue;
            kinds.Add(kind);
            if (!reach.IsAll)
                departments[kind] = reach.Ids;
        }
        var customers = fields.Of(actor, typeof(Order)) is not { } order || !order.MayHide(nameof(Order.CustomerId));
        return await queries.FindAsync(key, Most, new SearchScope(kinds, departments, customers), ct);
    }
}
