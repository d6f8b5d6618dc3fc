using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>The resting screen of a shared terminal: a badge, typed by the scanner with Enter, signs its owner on and leads to the jobs.</summary>
public sealed partial class TerminalPage
{
    private Terminal? _terminal;
    private string? _message;
    private bool _bad;

    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [SupplyParameterFromQuery] private string? Why { get; set; }
    [SupplyParameterFromForm(FormName = "badge")] private BadgeForm? Form { get; set; }

    [Inject] private SignInService SignIn { get; set; } = default!;
    [Inject] private TerminalService Terminals { get; set; } = default!;
    [Inject] private SessionCookies Cookies { get; set; } = default!;
    [Inject] private RefusalWords Words { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _terminal = await Terminals.FindAsync(Cookies.TerminalToken(Http));
        if (Why?.StartsWith("session.", StringComparison.Ordinal) == true && HttpMethods.IsGet(Http.Request.Method))
            _message = Words.Of(new Refusal(Why));
    }

    private async Task WithBadgeAsync()
    {
        try
        {
            var signedIn = await SignIn.WithBadgeAsync(Form?.Badge, Cookies.OriginOf(Http), Http.RequestAborted);
            await Cookies.SignInAsync(Http, signedIn);
            Nav.NavigateTo(HomePages.OrHome("/operator"));
        }
        catch (PmsException refused)
        {
            (_message, _bad) = (Words.Of(refused), true);
        }
    }

    /// <summary>What the scanner sends.</summary>
    public sealed class BadgeForm
    {
        public string? Badge { get; set; }
    }
}
