using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Identity.SignIns;
using Pms.Web.Shared;

namespace Pms.Web.Identity;

/// <summary>Creates the first administrator with the code from the console; gone as soon as there is a user.</summary>
public sealed partial class SetupPage
{
    private FieldFaults _faults = FieldFaults.None;
    private string? _other;

    [CascadingParameter] private HttpContext Http { get; set; } = default!;
    [SupplyParameterFromForm(FormName = "setup")] private SetupForm? Form { get; set; }

    [Inject] private SetupService Setup { get; set; } = default!;
    [Inject] private SignInService SignIn { get; set; } = default!;
    [Inject] private SessionCookies Cookies { get; set; } = default!;
    [Inject] private RefusalWords Words { get; set; } = default!;
    [Inject] private NavigationManager Nav { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        if (!await Setup.IsNeededAsync())
            Nav.NavigateTo("/login");
    }

    private async Task CreateAsync()
    {
        var origin = Cookies.OriginOf(Http);
        try
        {
            if (Form?.Password != Form?.Again)
                throw new InvalidException("Again", "password.differs");
            await Setup.CreateAdminAsync(Form?.Code, Form?.UserName, Form?.DisplayName, Form?.Password, origin, Http.RequestAborted);
            await Cookies.SignInAsync(Http, await SignIn.WithPasswordAsync(Form?.UserName, Form?.Password, origin, Http.RequestAborted));
            Nav.NavigateTo("/");
        }
        catch (InvalidException invalid)
        {
            _faults = FieldFaults.Of(invalid, Words);
        }
        catch (PmsException refused)
        {
            _other = Words.Of(refused);
        }
    }

    private string? Fault(string field) => _faults.Of(field);

    private string? Wrong(string field) => _faults.Of(field) is null ? null : "true";

    /// <summary>What the form sends.</summary>
    public sealed class SetupForm
    {
        public string? Code { get; set; }
        public string? UserName { get; set; }
        public string? DisplayName { get; set; }
        public string? Password { get; set; }
        public string? Again { get; set; }
    }
}
