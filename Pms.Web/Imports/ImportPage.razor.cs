using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Pms.Core;
using Pms.Core.Imports;
using Pms.Core.Sheets;
using Pms.Web.Shared;

namespace Pms.Web.Imports;

/// <summary>The way of a file into a list: upload, columns, preview with corrections, apply. It goes on when the page is closed and is found again here.</summary>
public partial class ImportPage
{
    private const int PageSize = 50;

    private Import? _import;
    private IReadOnlyList<Import> _earlier = [];
    private ImportRowPage _page = new([], 0, null, false);
    private IReadOnlyList<ImportMissing> _missing = [];
    private ImportRowStatus? _filter;
    private int _after;
    private bool _busy;
    private bool _first = true;
    private string? _wrong;
    private (string Entity, long? Id) _at;

    /// <summary>Not in the address of the order import, which stands with planning.</summary>
    [Parameter] public string? Entity { get; set; }
    [Parameter] public long? Id { get; set; }

    [Inject] private ImportService Imports { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;

    private string Kind => Entity ?? "order";

    private string Base => Kind == "order" ? "/planning/import" : "/admin/import/" + Kind;

    private string List => Kind == "order" ? "/planning/orders" : "/admin/" + Kind + "s";

    private IImportDefinition? Definition => Imports.Definitions.FirstOrDefault(d => d.Entity == Kind);

    protected override void Listen() => ReloadOn<ImportChanged>(e => e.Id == Id || Id is null && e.Entity == Kind);

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (_at != (Kind, Id))
            (_at, _page, _missing, _filter, _after, _first, _wrong) = ((Kind, Id), new([], 0, null, false), [], null, 0, true, null);
        if (Definition is not { } definition || !Me.May(definition.Permission))
            return;
        if (Id is not { } id)
        {
            _import = null;
            _earlier = await Imports.ListAsync(Me.Who, Kind, ct);
            return;
        }
        var import = await Imports.GetAsync(Me.Who, id, ct);
        if (import.Entity != Kind)
            throw new NotFoundException("import", id);
        if (import.Status is ImportStatus.Ready or ImportStatus.Applying or ImportStatus.Done or ImportStatus.Cancelled)
        {
            if (_first && import.Status == ImportStatus.Ready && import.Count(ImportRowStatus.Wrong) > 0)
                _filter = ImportRowStatus.Wrong;   // what needs a person comes first
            _first = false;
            _page = await Imports.PageAsync(Me.Who, id, _filter, _after, PageSize, ct);
            if (_page is { Rows.Count: 0, Previous: { } back })   // its rows were corrected or stored meanwhile
                _page = await Imports.PageAsync(Me.Who, id, _filter, _after = back, PageSize, ct);
            _missing = import.CanApply && import.Count(ImportRowStatus.Wrong) > 0 ? await Imports.MissingAsync(Me.Who, id, ct) : [];
        }
        _import = import;
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _at != (Kind, Id))
            await LoadAsync(Left);
    }

    private async Task UploadAsync(InputFileChangeEventArgs chosen)
    {
        Import? made = null;
        await DoAsync(async () =>
        {
            if (chosen.File.Size > ImportService.MostBytes)
                throw new RuleException("file.too_large", ImportService.MostBytes / 1_000_000);
            await using var content = chosen.File.OpenReadStream(ImportService.MostBytes, Left);
            made = await Imports.UploadAsync(Me.Who, Kind, chosen.File.Name, content, Left);
        });
        if (made is not null)
            Nav.NavigateTo($"{Base}/{made.Id}");
    }

    private Task ReshapeAsync((string? Tab, int? HeaderRow) asked) => DoAsync(async () => _import = await Imports.ReshapeAsync(Me.Who, _import!.Id, _import.Version, asked.Tab, asked.HeaderRow, Left));

    private Task CheckAsync(ImportSetup setup) => DoAsync(async () =>
    {
        _first = true;
        _import = await Imports.CheckAsync(Me.Who, _import!.Id, _import.Version, setup, Left);
    });

    private Task ApplyAsync() => DoAsync(async () =>
    {
        (_filter, _after) = (null, 0);
        _import = await Imports.ApplyAsync(Me.Who, _import!.Id, _import.Version, Left);
    });

    private Task CancelAsync() => DoAsync(async () => _import = await Imports.CancelAsync(Me.Who, _import!.Id, Left));

    private Task FilterAsync(ImportRowStatus? status)
    {
        (_filter, _after) = (status, 0);
        return ReloadAsync();
    }

    /// <summary>The page that begins behind a row.</summary>
    private Task TurnAsync(int after)
    {
        _after = after;
        return ReloadAsync();
    }

    /// <summary>All rows from the first wrong one on, so that it is seen among its neighbours.</summary>
    private async Task FirstWrongAsync()
    {
        (_filter, _after) = (null, Math.Max(0, await Imports.FirstWrongAsync(Me.Who, _import!.Id, Left) - 1));
        await ReloadAsync();
    }

    private async Task<bool> MakeAsync(string name, IReadOnlyCollection<string> texts, IReadOnlyDictionary<string, string> answers)
    {
        await DoAsync(() => Imports.MakeAsync(Me.Who, _import!.Id, name, texts, answers, Left));
        await ReloadAsync();
        return _wrong is null;
    }

    private async Task<ImportRow?> CorrectAsync(int row, IReadOnlyDictionary<string, string> values)
    {
        ImportRow? judged = null;
        var culture = CultureInfo.CurrentCulture;
        var pattern = culture.DateTimeFormat.ShortDatePattern;
        var habits = new SheetHabits(culture.NumberFormat.NumberDecimalSeparator == ",", pattern.IndexOf('d', StringComparison.OrdinalIgnoreCase) < pattern.IndexOf('M', StringComparison.Ordinal));
        await DoAsync(async () => judged = await Imports.CorrectAsync(Me.Who, _import!.Id, row, values, habits, Left));
        await ReloadAsync();
        return judged;
    }

    /// <summary>A refusal stands on the page, where the file is, and not at its edge.</summary>
    private async Task DoAsync(Func<Task> work)
    {
        if (_busy)
            return;
        (_busy, _wrong) = (true, null);
        StateHasChanged();
        await TryAsync(async () =>
        {
            try { await work(); }
            catch (PmsException refused) when (refused is not ForbiddenException) { _wrong = Refused.Of(refused); }
        });
        _busy = false;
    }

    private string FieldName(string field) => field.Length == 0 ? L["Whole_Row"] : L["Field_" + field];

    private string At(DateTimeOffset at) => Plant.Local(at).ToString("g", CultureInfo.CurrentCulture);

    private static PlantState StateOf(ImportStatus status) => status switch
    {
        ImportStatus.Checking or ImportStatus.Applying => PlantState.Running,
        ImportStatus.Done => PlantState.Done,
        ImportStatus.Failed => PlantState.Broken,
        ImportStatus.Cancelled => PlantState.Stopped,
        _ => PlantState.Waiting,
    };
}
