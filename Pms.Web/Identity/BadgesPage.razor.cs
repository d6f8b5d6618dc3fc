using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity.SignIns;
using QRCoder;

namespace Pms.Web.Identity;

/// <summary>Where a supervisor gives PINs and badges, takes lost badges back and lifts waits. What is issued is shown once.</summary>
public sealed partial class BadgesPage
{
    private IReadOnlyList<Department> _departments = [];
    private Employee? _open;
    private long? _shown;
    private CredentialState? _state;
    private string? _pin;
    private string? _badge;
    private string? _badgePicture;
    private string? _wrong;

    /// <summary>Whose sheet is open.</summary>
    [SupplyParameterFromQuery(Name = "id")] public long? Id { get; set; }
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] private DepartmentService Departments { get; set; } = default!;
    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private EmployeeCredentials Credentials { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private Shared.RefusalWords Refused { get; set; } = default!;

    protected override IReadOnlyDictionary<string, string> FirstFilters { get; } = new Dictionary<string, string> { ["active"] = "true" };

    protected override void Listen() => ReloadOn<MasterDataChanged>(e => e.Entity is "employee");

    protected override async Task<Page<EmployeeRow>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        _departments = await Departments.ActiveAsync(Me.Who, ct);
        if (_shown != Id)
        {
            // What was issued to one person is gone when another one is opened.
            (_shown, _open, _state, _pin, _badge, _badgePicture, _wrong) = (Id, null, null, null, null, null, null);
            if (Id is { } id)
                await TryAsync(async () => (_state, _open) = (await Credentials.GetAsync(Me.Who, id, ct), await Employees.GetAsync(Me.Who, id, ct)));
        }
        return await Employees.ListAsync(Me.Who, request, ct);
    }

    private Task IssuePinAsync() => ChangeAsync(async id => _pin = await Credentials.IssuePinAsync(Me.Who, id, ct: Left));

    private Task IssueBadgeAsync() => ChangeAsync(async id =>
    {
        _badge = await Credentials.IssueBadgeAsync(Me.Who, id, Left);
        using var code = QRCodeGenerator.GenerateQrCode(_badge, QRCodeGenerator.ECCLevel.M);
        using var picture = new PngByteQRCode(code);
        _badgePicture = "data:image/png;base64," + Convert.ToBase64String(picture.GetGraphic(6));
    });

    private Task RevokeAsync() => ChangeAsync(id => Credentials.RevokeBadgeAsync(Me.Who, id, Left), L["Badge_Revoked"]);

    private Task UnlockAsync() => ChangeAsync(id => Credentials.UnlockAsync(Me.Who, id, Left), L["Pin_Unlocked"]);

    /// <summary>Refusals stand in the sheet: a message at the page's edge would lie behind it.</summary>
    private async Task ChangeAsync(Func<long, Task> change, string? done = null)
    {
        if (_open is not { } open)
            return;
        (_pin, _badge, _wrong) = (null, null, null);
        await TryAsync(async () =>
        {
            try
            {
                await change(open.Id);
                _state = await Credentials.GetAsync(Me.Who, open.Id, Left);
                if (done is not null)
                    Say(done, Severity.Success);
            }
            catch (ForbiddenException refused) { _wrong = Refused.Of(refused); }
        });
    }

    private string At(DateTimeOffset? at) => at is { } then ? Plant.Local(then).ToString("d", CultureInfo.CurrentCulture) : "";
}
