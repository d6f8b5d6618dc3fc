using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Server;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Sessions;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>
/// Cascades <see cref="Me"/> and watches the session of an open page by the same pictures that requests are checked by. A session that is
/// over, a disabled account or a revoked terminal takes the page away within 30 s, on the browser's side and on this one.
/// </summary>
public sealed partial class SessionGuard : IDisposable
{
    private readonly CultureInfo _numbers = CultureInfo.CurrentCulture, _language = CultureInfo.CurrentUICulture;
    private IDisposable? _watch;
    private Actor? _actor;
    private Me? _me;
    private string? _why;
    private bool _atTerminal;
    private bool _changeFirst;
    private bool _disposed;

    [Parameter] public RenderFragment? ChildContent { get; set; }

    [Inject] private AuthenticationStateProvider State { get; set; } = default!;
    [Inject] private SessionService Sessions { get; set; } = default!;
    [Inject] private Rights Rights { get; set; } = default!;
    [Inject] private SessionWatch Watch { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;
    [Inject] private CircuitSession Circuit { get; set; } = default!;
    [Inject] private ILogger<SessionGuard> Log { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        var principal = (await State.GetAuthenticationStateAsync()).User;
        _actor = PmsClaims.ActorOf(principal);
        if (_actor is null)
        {
            _me = Me.Nobody;
            return;
        }
        var (session, why) = await Sessions.CheckAsync(_actor.SessionId!);
        if (session is null)
        {
            _why = why;
            return;
        }
        _atTerminal = session.Kind == SessionKind.Terminal;
        _me = MeOf(session, _actor);
        _changeFirst = session.First is not null;
        if (_changeFirst)
            ToAccount();
        if (!RendererInfo.IsInteractive)
            return;
        Circuit.SessionId = _actor.SessionId;
        Nav.LocationChanged += Moved;
        _watch = Watch.Add(_actor, session, Look);
    }

    private Me MeOf(Session session, Actor actor)
    {
        var role = Rights.Now.Of(actor)?.Roles.Order(StringComparer.Ordinal).Select(code => SeededRole.All.FirstOrDefault(r => r.Code == code)?.Name).FirstOrDefault(name => name is not null);
        // A page that must first choose a password or a second factor gets nobody's rights.
        return new Me(actor, session.Name, session.DepartmentName ?? role, permission => !_changeFirst && Rights.Now.Anywhere(actor, permission));
    }

    private void Look() => _ = InvokeAsync(() =>
    {
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (_numbers, _language);   // the watch's thread has neither
        return LookAsync();
    });

    private async Task LookAsync()
    {
        if (_disposed || _why is not null || _actor is null)
            return;
        try
        {
            var (session, why) = await Sessions.CheckAsync(_actor.SessionId!);
            if (session is null || !Rights.Now.IsActive(_actor))
                Over(why ?? "session.disabled");
            else if (_changeFirst != (session.First is not null))
            {
                _changeFirst = session.First is not null;
                StateHasChanged();
            }
            if (_changeFirst)
                ToAccount();
        }
        catch (BusyException e)
        {
            Log.LogDebug(e, "The session could not be looked at; the page stays until it can");
        }
    }

    private void Over(string why)
    {
        if (_disposed)
            return;
        _why = why;
        if (State is IHostEnvironmentAuthenticationStateProvider provider)
            provider.SetAuthenticationState(Task.FromResult(new AuthenticationState(new())));
        StateHasChanged();
    }

    private void Moved(object? sender, LocationChangedEventArgs e) => Look();

    private bool OnAccount => new Uri(Nav.Uri).AbsolutePath.Equals("/account", StringComparison.OrdinalIgnoreCase);

    private void ToAccount()
    {
        if (!OnAccount)
            Nav.NavigateTo("/account?first=1", forceLoad: false, replace: true);
    }

    public void Dispose()
    {
        _disposed = true;
        Nav.LocationChanged -= Moved;
        _watch?.Dispose();
    }
}
