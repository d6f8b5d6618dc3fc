using System.Globalization;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Orders;

namespace Pms.Core.Planning.Exceptions;

/// <summary>Shows the exceptions to who may see orders, those of jobs only in the departments whose jobs they may see; fields kept from them tell nothing here either.</summary>
public sealed class IssueService(IssueBoard board, FieldRules fields, Rights rights)
{
    private static readonly string[] Filters = ["department", "kind"], Sorts = ["kind", "since", "due", "order"];

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => new(Filters, Sorts, Sorts[0], Searches: true);

    /// <summary>One page; by kind, and within a kind the oldest first.</summary>
    /// <exception cref="InvalidException">An unknown filter or sort, a value that doesn't parse, a page that doesn't exist.</exception>
    public async Task<Page<PlanIssue>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        if (request.Size is < 1 or > PageRequest.MaxSize)
            throw new InvalidException("size", "between", 1, PageRequest.MaxSize);
        if (request.Index < 0 || (long)request.Index * request.Size > int.MaxValue)
            throw new InvalidException("index", "between", 0, int.MaxValue);
        var sort = string.IsNullOrWhiteSpace(request.Sort) ? Sorts[0] : request.Sort;
        var (name, down) = (sort.TrimStart('-'), sort.StartsWith('-'));
        if (!Sorts.Contains(name))
            throw new InvalidException("sort", "unknown_sort", name, Sorts);
        var kinds = Of<IssueKind>(request, "kind");
        var rows = Narrow(await SeenAsync(actor, ct), request).Where(i => kinds is null || kinds.Contains(i.Kind));
        var sorted = (down ? rows.OrderByDescending(i => KeyOf(i, name), StringComparer.Ordinal).ThenByDescending(i => i.Id) : rows.OrderBy(i => KeyOf(i, name), StringComparer.Ordinal).ThenBy(i => i.Id)).ToList();
        if (request.Cursor is null)
            return new([.. sorted.Skip(request.Index * request.Size).Take(request.Size)], sorted.Count);
        var list = ListCursor.List(request, sort);
        var behind = ListCursor.Read(request.Cursor, list, 2) is [string key, var id] ? sorted.Where(i => string.CompareOrdinal(KeyOf(i, name), key) is var c
            && (c == 0 ? i.Id.CompareTo(Convert.ToInt64(id, CultureInfo.InvariantCulture)) : c) * (down ? -1 : 1) > 0).ToList() : sorted;
        return new([.. behind.Take(request.Size)], sorted.Count) { Next = behind.Count > request.Size ? ListCursor.Write(list, [KeyOf(behind[request.Size - 1], name), behind[request.Size - 1].Id]) : null };
    }

    /// <summary>How many there are of each kind, as searched and in one department; kinds without any are left out.</summary>
    public async Task<IReadOnlyList<IssueCount>> CountsAsync(Actor actor, PageRequest request, CancellationToken ct = default) =>
        [.. Narrow(await SeenAsync(actor, ct), request).GroupBy(i => i.Kind).OrderBy(k => k.Key).Select(k => new IssueCount(k.Key, k.Count()))];

    /// <summary>How many there are in all, some two minutes old at most; counted once for all who may see the same.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken ct = default)
    {
        var (scope, see) = Seeing(actor);
        var picture = await board.RecentAsync(ct);
        return picture.CountOf(scope, () => see(picture.Issues).Count());
    }

    /// <summary>Tells when <see cref="CountAsync"/> may answer something else, until disposed.</summary>
    public IDisposable Watch(Action told) => board.Watch(told);

    private async Task<IEnumerable<PlanIssue>> SeenAsync(Actor actor, CancellationToken ct)
    {
        var (_, see) = Seeing(actor);
        return see((await board.NowAsync(ct)).Issues);
    }

    /// <summary>What of the exceptions the actor sees, and a name that all share who see the same ones.</summary>
    private (string Scope, Func<IEnumerable<PlanIssue>, IEnumerable<PlanIssue>> See) Seeing(Actor actor)
    {
        rights.Demand(actor, Permissions.OrdersView);
        var sight = OrderSight.Of(fields, actor);
        var noQuantity = fields.Of(actor, typeof(OrderItem))?.MayHide(nameof(OrderItem.Quantity)) == true;
        var (all, departments) = rights.Now.Departments(actor, Permissions.JobsView);
        return ($"{sight.HidesDue || sight.HidesStatus}:{(all ? "all" : string.Join(',', departments.Order()))}", issues => issues
            .Where(i => all || (i.JobId is null && i.DepartmentId is null && departments.Count == 0 || i.Concerns(departments)))
            // Late and at risk say when it is due and that it isn't done.
            .Where(i => !(sight.HidesDue || sight.HidesStatus) || i.Kind is not (IssueKind.LateOrder or IssueKind.AtRisk))
            .Select(i => !sight.IsWhole || noQuantity ? i with { DueOn = sight.Due(i.DueOn), Priority = sight.Priority(i.Priority), Pieces = noQuantity ? null : i.Pieces } : i));
    }

    private static IEnumerable<PlanIssue> Narrow(IEnumerable<PlanIssue> issues, PageRequest request)
    {
        foreach (var (filter, value) in request.Filters)
            if (value.Length > 0 && !Filters.Contains(filter, StringComparer.OrdinalIgnoreCase))
                throw new InvalidException(filter, "unknown_filter", filter, Filters);
        if (Value(request, "department") is { } text)
        {
            var wanted = new HashSet<long> { ListQuery.Number(text) as long? ?? throw new InvalidException("department", "not_valid", text) };
            issues = issues.Where(i => i.Concerns(wanted));
        }
        return Text.Key(request.Search) is not { Length: > 0 } key ? issues
            : issues.Where(i => new[] { i.OrderNumber, i.Machine, i.Person, i.Stage, i.Note }.Any(t => t is not null && Text.Key(t).Contains(key, StringComparison.Ordinal)));
    }

    private static HashSet<T>? Of<T>(PageRequest request, string filter) where T : struct, Enum => Value(request, filter) is not { } text ? null
        : ListQuery.OneOf<T>(text) is IEnumerable<string> names ? [.. names.Select(Enum.Parse<T>)] : throw new InvalidException(filter, "not_valid", text);

    private static string? Value(PageRequest request, string filter) => request.Filters.FirstOrDefault(f => f.Key.Equals(filter, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } value ? value : null;

    /// <summary>Sorts as text: what is unknown comes last.</summary>
    private static string KeyOf(PlanIssue i, string sort) => sort switch
    {
        "kind" => $"{(int)i.Kind:00}{When(i)}",
        "since" => When(i),
        "due" => i.DueOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "9999",
        _ => Text.Key(i.OrderNumber),
    };

    private static string When(PlanIssue i) => i.Since is { } since ? since.ToUnixTimeMilliseconds().ToString("D15", CultureInfo.InvariantCulture) : "9" + i.DueOn?.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
