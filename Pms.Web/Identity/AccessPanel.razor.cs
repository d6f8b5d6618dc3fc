using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Pms.Core;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Sessions, devices and tries to sign in of one user, for themselves and for who manages users.</summary>
public sealed partial class AccessPanel
{
    private IReadOnlyList<Session> _sessions = [];
    private IReadOnlyList<KnownDevice> _devices = [];
    private IReadOnlyList<SignInEntry> _signIns = [];

    /// <summary>Null: the actor's own, after a PIN or a badge, which may not see the account's devices.</summary>
    [Parameter] public long? UserId { get; set; }

    /// <summary>The reader looks at themselves.</summary>
    [Parameter] public bool Mine { get; set; }

    /// <summary>Whose they are, for the question before all end.</summary>
    [Parameter] public string Name { get; set; } = "";

    [Inject] private AccessService Access { get; set; } = default!;
    [Inject] private SessionService Sessions { get; set; } = default!;
    [Inject] private PlantClock Plant { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;

    protected override void Listen() => ReloadOn<SessionEnded>(e => e.Id is null || _sessions.Any(s => s.Id == e.Id));

    protected override async Task LoadAsync(CancellationToken ct)
    {
        if (UserId is not { } user)
        {
            _sessions = await Sessions.ListMineAsync(Me.Who, ct);
            return;
        }
        _sessions = await Access.ListSessionsAsync(Me.Who, user, ct);
        _devices = await Access.ListDevicesAsync(Me.Who, user, ct);
        _signIns = await Access.ListSignInsAsync(Me.Who, user, ct);
    }

    private Task EndAsync(Session session) => DoAsync(user => Access.EndSessionAsync(Me.Who, user, session.Id, Left), L["Session_Ended"]);

    private async Task EndAllAsync()
    {
        if (Mine)
            await TryAsync(async () =>
            {
                await Sessions.EndOthersAsync(Me.Who, Left);
                await ReloadAsync();
            }, L["Session_OthersEnded"]);
        else if (await Dialogs.AskAsync(L["Session_EndAll"], L["Session_EndAllAsk", Name], L["Session_EndAll"], danger: true))
            await DoAsync(user => Access.EndAllAsync(Me.Who, user, Left), L["Session_AllEnded", Name]);
    }

    private Task ForgetAsync(KnownDevice device) => DoAsync(user => Access.ForgetDeviceAsync(Me.Who, user, device.Id, Left), L["Device_Forgotten"]);

    private Task<bool> DoAsync(Func<long, Task> command, string done) => TryAsync(async () =>
    {
        await command(UserId!.Value);
        await ReloadAsync();
    }, done);

    private bool IsHere(Session session) => session.Id == Me.Actor?.SessionId;

    private string NameOf(Session session) => session.Kind switch
    {
        SessionKind.Api => L["Session_Api"],
        SessionKind.Terminal => L["Session_Terminal", session.TerminalName ?? ""],
        _ => Browsers.NameOf(session.Agent) ?? L["Session_Unknown"],
    };

    private string Told(Session session) => string.Join(" · ", new[] { session.Ip, L["Session_By_" + session.Method].Value, L["Session_Since", At(session.CreatedAt)].Value, L["Session_Seen", At(session.LastSeenAt)].Value }.Where(w => !string.IsNullOrEmpty(w)));

    private string At(DateTimeOffset at) => Plant.Local(at).ToString("g", CultureInfo.CurrentCulture);
}
