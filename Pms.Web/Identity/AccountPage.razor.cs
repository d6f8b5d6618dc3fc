using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>A person's own account: their password or PIN, how PMS looks to them, and where they are signed in.</summary>
public sealed partial class AccountPage
{
    private static readonly IReadOnlyList<CultureInfo> Cultures = [.. PmsCultures.Formats.Select(CultureInfo.GetCultureInfo).Where(c => !c.IsNeutralCulture)];

    private readonly Secrets _password = new();
    private Session? _session;
    private FieldFaults _faults = FieldFaults.None;

    [SupplyParameterFromQuery] private string? First { get; set; }

    [Inject] private UserService Users { get; set; } = default!;
    [Inject] private EmployeeCredentials Credentials { get; set; } = default!;
    [Inject] private SessionService Sessions { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private RefusalWords Refused { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    protected override void Listen() => ReloadOn<SessionEnded>(e => e.Id is null);

    protected override async Task LoadAsync(CancellationToken ct) => _session = (await Sessions.CheckAsync(Me.Who.SessionId!, ct)).Session;

    private async Task ChangePasswordAsync()
    {
        var first = _session?.ChangeFirst == true;
        if (!await StoreAsync(() => Users.ChangeOwnPasswordAsync(Me.Who, _password.Before, _password.After, Left), L["Password_Changed"]))
            return;
        if (first && _session?.First is null)
            Nav.NavigateTo("/", forceLoad: true);
    }

    /// <summary>Whoever came here to set it up first goes on; anybody else stays.</summary>
    private Task KeptAsync()
    {
        if (First == "1" && _session?.First is null)
            Nav.NavigateTo("/", forceLoad: true);
        return Task.CompletedTask;
    }

    private Task ChangePinAsync() => StoreAsync(() => Credentials.ChangePinAsync(Me.Who, _password.Before, _password.After, Left), L["Pin_Changed"]);

    private async Task<bool> StoreAsync(Func<Task> change, string done)
    {
        _faults = FieldFaults.None;
        if (_password.After != _password.Again)
        {
            _faults = FieldFaults.Of(new InvalidException("Again", "password.differs"), Refused);
            return false;
        }
        var stored = await TryAsync(async () =>
        {
            try { await change(); }
            catch (InvalidException invalid) { _faults = FieldFaults.Of(invalid, Refused); }
        }) && !_faults.Any;
        if (!stored)
            return false;
        (_password.Before, _password.After, _password.Again) = (null, null, null);
        Say(done, Severity.Success);
        await ReloadAsync();
        return true;
    }

    private sealed class Secrets
    {
        public string? Before { get; set; }
        public string? After { get; set; }
        public string? Again { get; set; }
    }
}
