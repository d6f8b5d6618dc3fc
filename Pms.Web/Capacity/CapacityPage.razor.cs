using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Capacity;
using Pms.Core.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Capacity;

/// <summary>How full the plant is: gauges, departments (or one department's pools) by days, and the trend; a cell opens the jobs behind it. Live, from the shared book.</summary>
public sealed partial class CapacityPage
{
    private static readonly (int Days, string Text)[] Spans = [(14, "Weeks_2"), (42, "Weeks_6"), (84, "Weeks_12")];

    private CapacityView? _view;
    private IReadOnlyList<CapacityPoint> _trend = [];
    private (CapacityRow Row, DateOnly Day)? _open;
    private IDisposable? _watch;
    private (long?, int, string?) _at;

    [SupplyParameterFromQuery(Name = "department")] public long? DepartmentId { get; set; }
    [SupplyParameterFromQuery(Name = "days")] public int? Days { get; set; }
    [SupplyParameterFromQuery(Name = "by")] public string? By { get; set; }

    [Inject] private CapacityService Capacity { get; set; } = default!;
    [Inject] private CapacityBooks Books { get; set; } = default!;
    [Inject] private CapacityWords Show { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private IStringLocalizer<CapacityTexts> L { get; set; } = default!;

    private int Asked => Spans.Any(s => s.Days == Days) ? Days!.Value : Spans[0].Days;

    private CapacityPeriod Period => Enum.TryParse<CapacityPeriod>(By, out var period) && Enum.IsDefined(period) ? period : CapacityPeriod.Day;

    protected override void Listen() => _watch = Books.Watch(() => InvokeAsync(async () =>
    {
        await LoadAsync(Left);
        StateHasChanged();
    }));

    protected override async Task LoadAsync(CancellationToken ct)
    {
        _at = (DepartmentId, Asked, By);
        if (!Me.May(Permissions.DepartmentsView))
            return;
        try
        {
            _view = await Capacity.ReadAsync(Me.Who, DepartmentId, days: Asked, ct: ct);
        }
        catch (NotFoundException)
        {
            _view = null;   // an old link to a department that is gone
            return;
        }
        _trend = _view.Trend(Period);
        if (_open is { } open)
            _open = _view.Rows.FirstOrDefault(r => r.Pool == open.Row.Pool && r.Days.Any(d => d.Day == open.Day)) is { } row ? (row, open.Day) : null;
    }

    protected override Task OnParametersSetAsync() => Loaded && _at != (DepartmentId, Asked, By) ? LoadAsync(Left) : Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        _watch?.Dispose();
        base.Dispose(disposing);
    }

    private string Link(string name, object? value) => Nav.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = value });

    private string Department(CapacityRow row) => Link("department", row.Pool.Id);

    private static string Arc(Bucket b) => Math.Min(100, b.Percent ?? (b.Band == Band.Overbooked ? 100 : 0)).ToString("0.#", CultureInfo.InvariantCulture);

    private string Name(CapacityPoint p) => Period switch
    {
        CapacityPeriod.Month => p.From.ToString("MMM", CultureInfo.CurrentCulture),
        CapacityPeriod.Week => p.From.ToString("d MMM", CultureInfo.CurrentCulture),
        _ => p.From.ToString("ddd d", CultureInfo.CurrentCulture),
    };

    /// <summary>Of the highest bar, so that load above capacity stays in sight.</summary>
    private string Share(decimal minutes) => (minutes / Math.Max(1, _trend.Max(p => Math.Max(p.Minutes, p.Capacity)))).ToString("0.###", CultureInfo.InvariantCulture);
}
