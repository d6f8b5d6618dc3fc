using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Employees;
using Pms.Core.Identity.SignIns;
using QRCoder;

namespace Pms.Web.Identity;

/// <summary>Where a supervisor gives PINs and badges, takes lost badges back and lifts waits. What is issued is shown once.</summary>
public sealed partial class BadgesPage
{
    private Page<EmployeeRow> _page = new([], 0);
    private string? _search;
    private EmployeeRow? _open;
    private CredentialState? _state;
    private string? _pin;
    private string? _badge;
    private string? _badgePicture;
    private string? _wrong;

    [Inject] private EmployeeService Employees { get; set; } = default!;
    [Inject] private EmployeeCredentials Credentials { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private Shared.RefusalWords Refused { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken ct) => _page = await Employees.ListAsync(Me.Who, new PageRequest { Search = _search, Size = 50 }, ct);

    private async Task SearchAsync(string? text)
    {
        _search = text;
        await ReloadAsync();
    }

    private Task OpenAsync(EmployeeRow employee) => TryAsync(async () =>
    {
        Close();
        _state = await Credentials.GetAsync(Me.Who, employee.Id, Left);
        _open = employee;
    });

    private void Close() => (_open, _state, _pin, _badge, _badgePicture, _wrong) = (null, null, null, null, null, null);

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
