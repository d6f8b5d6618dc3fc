using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Demo;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>The sign-in page: plain HTML, so that it works before anything else does. Leads back to a page of ours only.</summary>
public sealed partial class LoginPage
{
    private Message? _message;
    private Terminal? _terminal;
    private string? _ticket;

    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [SupplyParameterFromQuery] private string? ReturnUrl { get; set; }
    [SupplyParameterFromQuery] private string? Why { get; set; }
    [SupplyParameterFromQuery] private string? By { get; set; }
    [SupplyParameterFromQuery] private string? As { get; set; }
    [SupplyParameterFromForm(FormName = "password")] private PasswordForm? Form { get; set; }
    [SupplyParameterFromForm(FormName = "pin")] private PinForm? Pin { get; set; }
    [SupplyParameterFromForm(FormName = "code")] private CodeForm? Code { get; set; }

    [Inject] private SignInService SignIn { get; set; } = default!;
    [Inject] private SetupService Setup { get; set; } = default!;
    [Inject] private TerminalService Terminals { get; set; } = default!;
    [Inject] private SessionCookies Cookies { get; set; } = default!;
    [Inject] private RefusalWords Words { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    private bool ByPin => By == "pin";

    /// <summary>In the demo a tap on a name fills the form in; the passwords stand beside it anyway.</summary>
    private string? DemoName => Mode.IsDemo && DemoAccounts.Users.Any(u => u.UserName == As) ? As : null;

    private string Back => ShellEndpoints.LocalPath(ReturnUrl);

    protected override async Task OnInitializedAsync()
    {
        if (await Setup.IsNeededAsync())
        {
            Nav.NavigateTo("/setup");
            return;
        }
        if (HttpMethods.IsGet(Http.Request.Method) && Why is null && PmsClaims.ActorOf(Http.User) is not null)
        {
            Nav.NavigateTo(Back);
            return;
        }
        _ticket = Code?.Ticket;   // its form must stand on the page that takes it
        _terminal = await Terminals.FindAsync(Cookies.TerminalToken(Http));
        // A shared screen goes on with the next badge, also when the page of whoever made it a terminal hears of its session's end first.
        if (_terminal is not null && Why is not null && HttpMethods.IsGet(Http.Request.Method))
        {
            Nav.NavigateTo("/operator/terminal");
            return;
        }
        // Only our own reasons are shown: the text comes from the code, never from the address.
        if (Why?.StartsWith("session.", StringComparison.Ordinal) == true && HttpMethods.IsGet(Http.Request.Method))
            _message = new(Words.Of(new Refusal(Why)), false);
    }

    private Task WithPasswordAsync() => TryAsync(() => SignIn.WithPasswordAsync(Form?.UserName, Form?.Password, Cookies.OriginOf(Http), Http.RequestAborted));

    private Task WithPinAsync() => TryAsync(() => SignIn.WithPinAsync(Pin?.Number, Pin?.Code, Cookies.OriginOf(Http), Http.RequestAborted));

    /// <summary>The second step; a wrong code leaves the first one standing.</summary>
    private Task WithCodeAsync() =>
        TryAsync(() => SignIn.WithCodeAsync(Code?.Ticket, Code?.Code is { Length: > 0 } code ? code : Code?.Recovery, Cookies.OriginOf(Http), Http.RequestAborted));

    private async Task TryAsync(Func<Task<SignedIn>> signIn)
    {
        try
        {
            var signedIn = await signIn();
            await Cookies.SignInAsync(Http, signedIn);
            Nav.NavigateTo(signedIn.Session.First is not null ? "/account?first=1" : Back);
        }
        catch (SecondFactorNeededException needed)
        {
            (_ticket, _message) = (needed.Ticket, new(Words.Of(needed), false));
        }
        catch (PmsException refused)
        {
            if (refused.Code == "mfa.expired")
                _ticket = null;
            _message = new(Words.Of(refused), true);
        }
    }

    private string Tab(string? by) => Nav.GetUriWithQueryParameters("/login", new Dictionary<string, object?> { ["by"] = by, ["returnUrl"] = Back == "/" ? null : Back });

    private string DemoTab(string name) => Nav.GetUriWithQueryParameters("/login", new Dictionary<string, object?> { ["as"] = name, ["returnUrl"] = Back == "/" ? null : Back });

    private sealed record Message(string Text, bool Bad);

    /// <summary>What the form sends.</summary>
    public sealed class PasswordForm
    {
        public string? UserName { get; set; }
        public string? Password { get; set; }
    }

    /// <summary>What the form sends.</summary>
    public sealed class PinForm
    {
        public string? Number { get; set; }
        public string? Code { get; set; }
    }

    /// <summary>What the form sends.</summary>
    public sealed class CodeForm
    {
        public string? Ticket { get; set; }
        public string? Code { get; set; }
        public string? Recovery { get; set; }
    }
}
