using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Identity.Fields;

namespace Pms.Web.Shared.Lists;

/// <summary>
/// A page that is a list: what is searched, filtered, sorted, paged and opened stands in the address, so that links, reload and back work.
/// The server does all four; the list keeps its place when data changes under it.
/// </summary>
public abstract class ListPage<TRow> : PmsPage
{
    /// <summary>Rows on one page.</summary>
    public const int PageSize = 50;

    private string? _shown;

    [SupplyParameterFromQuery(Name = "q")] public string? Q { get; set; }
    [SupplyParameterFromQuery(Name = "sort")] public string? Sort { get; set; }
    [SupplyParameterFromQuery(Name = "page")] public string? PageText { get; set; }

    /// <summary>name:value, each at most once.</summary>
    [SupplyParameterFromQuery(Name = "f")] public string[]? FilterTexts { get; set; }

    [Inject] protected NavigationManager Nav { get; set; } = default!;
    [Inject] protected FieldRules Fields { get; set; } = default!;

    /// <summary>What the reader sees of the list's rows as a whole.</summary>
    public FieldSight Sight => new(View(typeof(TRow)), null);

    /// <summary>True if anything is kept from the reader.</summary>
    public bool Restricted => View(typeof(TRow)) is not null;

    /// <summary>What the reader sees of one row.</summary>
    public FieldSight SightOf(object row) => new(View(typeof(TRow)), row);

    /// <summary>False where a filter or order would ask by a field that the reader may not see.</summary>
    public virtual bool MayAsk(string word) => View(typeof(TRow)) is not { } view || view.Entity.FieldOf(word) is not { } field || !view.MayHide(field);

    protected FieldView? View(Type type) => Me.Actor is { } actor ? Fields.Of(actor, type) : null;

    /// <summary>The page shown; null until it was read.</summary>
    public Page<TRow>? Rows { get; private set; }

    /// <summary>0-based.</summary>
    public int PageIndex => int.TryParse(PageText, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1 ? n - 1 : 0;

    public IReadOnlyDictionary<string, string> Filters => (FilterTexts ?? []).Select(f => f.Split(':', 2)).Where(f => f.Length == 2 && f[1].Length > 0)
        .GroupBy(f => f[0]).ToDictionary(f => f.Key, f => f.First()[1]);

    /// <summary>Filters in force where the address names none.</summary>
    protected virtual IReadOnlyDictionary<string, string> FirstFilters => new Dictionary<string, string>();

    public string? Filter(string name) => Filters.GetValueOrDefault(name) ?? FirstFilters.GetValueOrDefault(name);

    /// <summary>True where anything narrows the list: then "nothing found" is not "nothing there".</summary>
    public bool Narrowed => !string.IsNullOrWhiteSpace(Q) || Filters.Count > 0;

    protected override bool ShowsFields => true;

    protected abstract Task<Page<TRow>> RowsAsync(PageRequest request, CancellationToken ct);

    /// <summary>The address with these parameters changed; null removes one.</summary>
    public string Href(params (string Name, object? Value)[] changes) => Nav.GetUriWithQueryParameters(changes.ToDictionary(c => c.Name, c => c.Value));

    /// <summary>The address with one filter set, from the first page on. "all" lifts one that is set at first.</summary>
    public string HrefFiltered(string name, string? value)
    {
        var filters = new Dictionary<string, string>(Filters);
        if (string.IsNullOrEmpty(value) && FirstFilters.ContainsKey(name))
            value = "all";
        if (string.IsNullOrEmpty(value) || FirstFilters.GetValueOrDefault(name) == value)
            filters.Remove(name);
        else
            filters[name] = value;
        return Href(("f", filters.Count == 0 ? null : filters.Select(f => f.Key + ":" + f.Value).ToArray()), ("page", null));
    }

    /// <summary>Goes to another state of this page; typing replaces the address instead of filling the back button.</summary>
    public void Go(string href, bool replace = false) => Nav.NavigateTo(href, replace: replace);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _shown = Nav.Uri;
        Rows = await RowsAsync(Asked, ct);
    }

    /// <summary>The filters of the address and those that are set at first, without what the reader may not ask by.</summary>
    public IReadOnlyDictionary<string, string> InForce
    {
        get
        {
            var filters = new Dictionary<string, string>(FirstFilters);
            foreach (var (name, value) in Filters)
                filters[name] = value;
            return filters.Where(f => f.Value != "all" && MayAsk(f.Key)).ToDictionary();
        }
    }

    /// <summary>What the address asks for.</summary>
    private PageRequest Asked => new() { Search = Q, Sort = Sort is { } sort && MayAsk(sort.TrimStart('-')) ? sort : null, Index = PageIndex, Size = PageSize, Filters = InForce };

    /// <summary>The file of this list as it is shown, all pages of it.</summary>
    public string FileHref(string list, string format) => ListExports.Href(list, format, Asked);

    protected override async Task OnParametersSetAsync()
    {
        // The router hands a changed address to the page that is already there.
        if (Loaded && _shown != Nav.Uri)
            await LoadAsync(Left);
    }
}
