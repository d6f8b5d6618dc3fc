using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Floor;
using Pms.Core.Identity;
using Pms.Web.Shared;

namespace Pms.Web.Floor;

/// <summary>A page that shows the shared picture: it watches before it first loads, reads nothing itself afterwards, and shows each person their departments.</summary>
public abstract class BoardPage : PmsPage
{
    private IDisposable? _watch;

    [Inject] protected FloorBoards Boards { get; set; } = default!;
    [Inject] protected FloorService Floor { get; set; } = default!;
    [Inject] protected FloorWords Show { get; set; } = default!;
    [Inject] protected PlantClock Plant { get; set; } = default!;
    [Inject] protected IStringLocalizer<FloorTexts> L { get; set; } = default!;

    /// <summary>One department, or all that may be seen.</summary>
    [SupplyParameterFromQuery(Name = "department")] public long? DepartmentId { get; set; }

    protected FloorPicture Picture { get; private set; } = FloorPicture.Empty;

    /// <summary>The departments to show now: rights are asked at each render.</summary>
    protected IReadOnlySet<long>? Scope => FloorService.Narrow(Floor.Scope(Me.Who), DepartmentId);

    /// <summary>The departments to choose from.</summary>
    protected IReadOnlyList<FloorDepartment> Seen => Floor.Scope(Me.Who) is { } mine ? [.. Picture.Floor.Departments.Where(d => mine.Contains(d.Id))] : Picture.Floor.Departments;

    protected bool IsOld => Plant.Now - Picture.At > FloorBoards.Old;

    /// <summary>How old the picture is, where that must be said.</summary>
    protected string? Age => IsOld ? L["Age_Old", Show.When(Picture.At)].Value : null;

    protected override void Listen() => _watch = Boards.Watch(() => InvokeAsync(() =>
    {
        var before = Picture;
        Picture = Boards.Now;
        // Drawn also where reading failed and the picture is the same: it must say how old it is.
        if (!ReferenceEquals(before, Picture) && Me.May(Permissions.FloorView) && Picture.LooksLike(before, Scope))
            return;
        Shown();
        StateHasChanged();
    }));

    protected override async Task LoadAsync(CancellationToken ct)
    {
        Picture = await Boards.LoadAsync(ct);
        Shown();
    }

    /// <summary>A new picture is about to be drawn.</summary>
    protected virtual void Shown()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _watch?.Dispose();
        base.Dispose(disposing);
    }
}
