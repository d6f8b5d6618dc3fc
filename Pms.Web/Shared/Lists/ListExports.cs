using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.Users;
using Pms.Core.Machines;
using Pms.Core.Orders;
using Pms.Core.Planning;
using Pms.Core.Planning.Exceptions;
using Pms.Core.Products;
using Pms.Core.Sheets;
using Pms.Web.Identity;
using Pms.Web.Resources;

namespace Pms.Web.Shared.Lists;

/// <summary>
/// Every list as a file, as it is searched, filtered and sorted on its page: read through the same service, so that rights hold, and written
/// down as a security event. A row's own fields are the columns; numbers of records inside PMS are left out.
/// </summary>
public sealed class ListExports(IServiceProvider services, SheetExport files, FieldRules rules, SecurityEvents security, RefusalWords refusals, IStringLocalizer<Texts> texts, PlantClock plant)
{
    public const string Path = "/lists";

    /// <summary>Master data is smaller; whoever needs more asks the API.</summary>
    public const int MostRows = 100_000;

    private delegate IAsyncEnumerable<object?[]> Read(IServiceProvider services, PlantClock plant, Actor actor, PropertyInfo[] fields, PageRequest request, CancellationToken ct);

    private sealed record Source(Type Row, PropertyInfo[] Fields, Read Read);

    private static readonly Dictionary<string, Source> Sources = new(StringComparer.Ordinal)
    {
        ["api-keys"] = Of<ApiKeyService, ApiKey>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["departments"] = Of<DepartmentService, DepartmentRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["employees"] = Of<EmployeeService, EmployeeRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["exceptions"] = Of<IssueService, PlanIssue>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["machines"] = Of<MachineService, MachineRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["orders"] = Of<OrderService, OrderRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["products"] = Of<ProductService, ProductRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["schedule"] = Of<ScheduleService, PlannedJob>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["skills"] = Of<EmployeeService, SkillRow>((s, a, r, ct) => s.ListSkillsAsync(a, r, ct)),
        ["terminals"] = Of<TerminalService, Terminal>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["users"] = Of<UserService, UserRow>((s, a, r, ct) => s.ListAsync(a, r, ct)),
        ["work-centres"] = Of<MachineService, WorkCentreRow>((s, a, r, ct) => s.ListCentresAsync(a, r, ct)),
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path + "/{list}.{format:regex(^(csv|xlsx)$)}",
        (string list, string format, HttpContext http, ListExports exports) => exports.AnswerAsync(list, format, http)).RequireAuthorization();

    /// <summary>Where a list's page finds its file: <paramref name="request"/> is what the page shows.</summary>
    public static string Href(string list, string format, PageRequest request)
    {
        var query = new QueryBuilder();
        if (!string.IsNullOrWhiteSpace(request.Search))
            query.Add("q", request.Search);
        if (!string.IsNullOrWhiteSpace(request.Sort))
            query.Add("sort", request.Sort);
        foreach (var (name, value) in request.Filters)
            query.Add("f", name + ":" + value);
        return $"{Path}/{list}.{format}{query.ToQueryString()}";
    }

    private async Task<IResult> AnswerAsync(string list, string format, HttpContext http)
    {
        if (!Sources.TryGetValue(list, out var source))
            return Results.NotFound();
        var (actor, query, ct) = (http.Actor(), http.Request.Query, http.RequestAborted);
        var request = new PageRequest
        {
            Search = query["q"], Sort = query["sort"], Size = PageRequest.MaxSize,
            Filters = query["f"].OfType<string>().Select(f => f.Split(':', 2)).Where(f => f.Length == 2).GroupBy(f => f[0]).ToDictionary(f => f.Key, f => f.First()[1]),
        };
        try
        {
            var kind = format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx;
            // A column that this person never sees is left out; what is hidden in some rows only is empty there.
            var view = rules.Of(actor, source.Row);
            PropertyInfo[] shown = view is null ? source.Fields : [.. source.Fields.Where(f => !view.Entity.ShapeOf(source.Row).Any(p => p.Property.Name == f.Name && view.Hides(p.Field)))];
            var file = await files.ToFileAsync(new Core.Sheets.Sheet
            {
                Name = list, Columns = [.. shown.Select(f => new SheetColumn(Title(f.Name), f.PropertyType == typeof(string) ? 24 : 14))],
                Rows = source.Read(services, plant, actor, shown, request, ct),
            }, kind, ct);
            // Written when the file is whole and before it leaves: no file without its event.
            await security.WriteAsync(actor, "export.list", "list", 0, new Dictionary<string, object?[]> { ["List"] = [null, list], ["Format"] = [null, format], ["Query"] = [null, http.Request.QueryString.Value] }, ct);
            return Results.Stream(file, SheetExport.ContentType(kind), string.Create(CultureInfo.InvariantCulture, $"{list}-{plant.Today:yyyy-MM-dd}.{format}"));
        }
        catch (PmsException refused) when (refused is not UnauthenticatedException)
        {
            if (refused is ForbiddenException forbidden)
                await security.RefusedAsync(actor, forbidden, ct);
            return Results.Text(refusals.Of(refused), "text/plain", statusCode: ApiErrors.StatusOf(refused));
        }
    }

    private static Source Of<TService, TRow>(Func<TService, Actor, PageRequest, CancellationToken, Task<Page<TRow>>> list) where TService : notnull
    {
        PropertyInfo[] fields = [.. typeof(TRow).GetProperties().Where(f => Shown(f.PropertyType) && f.Name is not ("Id" or "Version") && !f.Name.EndsWith("Id", StringComparison.Ordinal))];
        return new(typeof(TRow), fields, (services, plant, actor, shown, request, ct) => ReadAsync(services.GetRequiredService<TService>(), services.GetRequiredService<FieldRules>(), list, shown, plant, actor, request, ct));
    }

    private static async IAsyncEnumerable<object?[]> ReadAsync<TService, TRow>(TService service, FieldRules rules, Func<TService, Actor, PageRequest, CancellationToken, Task<Page<TRow>>> list, PropertyInfo[] fields, PlantClock plant,
        Actor actor, PageRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        // By cursor: each page begins where the last one ended, so that the last costs what the first does.
        request = request with { Cursor = "", Counted = false };
        for (var read = 0; request.Cursor is not null;)
        {
            if ((read += request.Size) > MostRows)
                throw new RuleException("export.too_long", MostRows);
            var page = await list(service, actor, request, ct);
            foreach (var row in page.Items)
                yield return [.. fields.Select(f => rules.Blanked(row!, f.Name) ? null : f.GetValue(row) switch { DateTimeOffset at => plant.Local(at), IReadOnlyList<string> words => string.Join(", ", words), var value => value })];
            request = request with { Cursor = page.Next };
        }
    }

    private static bool Shown(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain.IsPrimitive || plain.IsEnum || plain == typeof(string) || plain == typeof(decimal) || plain == typeof(DateOnly) || plain == typeof(DateTimeOffset) || plain == typeof(IReadOnlyList<string>));

    private string Title(string name) => texts["Column_" + name] is { ResourceNotFound: false } known ? known
        : string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
