using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Identity;

/// <summary>The second factor and the sessions as people and programs meet them.</summary>
[Collection(Browser.Line)]
public sealed class SecondFactorPageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task Somebody_whose_role_asks_for_it_sets_it_up_first_and_signs_in_with_it_afterwards(Screen screen, bool dark)
    {
        var clock = new MovedClock();
        await using var app = await WebApp.StartAsync(change: s => s.AddSingleton<TimeProvider>(clock));
        await app.UserAsync("chief");
        await app.UserAsync("nomsa", SeededRole.Planner);
        await RequireAsync(app, SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("nomsa", "/");
        await Expect(browser.Page.GetByText("asks for a second factor besides")).ToBeVisibleAsync();
        await browser.GoToAsync("/planning/orders", interactive: false);
        await Expect(browser.Page.GetByText("asks for a second factor besides")).ToBeVisibleAsync();
        await browser.InteractiveAsync();
        await browser.Page.Locator("#mfa-password").FillAsync(Visitors.Password);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Img, new() { Name = "QR code for the authenticator app" })).ToBeVisibleAsync();
        await browser.Page.GetByText("Type it instead").ClickAsync();
        var shown = await browser.Page.Locator("#mfa-secret").TextContentAsync();
        var secret = string.Concat(shown!.Split(' '));
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"mfa-setup-{screen}{(dark ? "-dark" : "")}", fullPage: true);
        await browser.Page.Locator("#mfa-code").FillAsync("000000");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await Expect(browser.Page.Locator("#mfa-code-wrong")).ToContainTextAsync("not right");
        await browser.Page.Locator("#mfa-code").FillAsync(TimeCodes.At(secret, clock.GetUtcNow()));
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await Expect(browser.Page.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        var recovery = await browser.Page.Locator(".recovery-codes code").First.TextContentAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"mfa-codes-{screen}{(dark ? "-dark" : "")}", fullPage: true);
        var file = await browser.Page.RunAndWaitForDownloadAsync(() => browser.Page.GetByText("Save as a file").ClickAsync());
        Assert.Equal("pms-recovery-codes.txt", file.SuggestedFilename);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "I have kept them" }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => !url.Contains("/account", StringComparison.Ordinal));

        clock.Ahead = TimeSpan.FromSeconds(60);
        await using var second = await Browser.OpenAsync(app.Address, screen, dark);
        await ToCodeAsync(second);
        await second.Page.Locator("#code").FillAsync("000000");
        await second.Page.Keyboard.PressAsync("Enter");
        await Expect(second.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not right");
        await second.AccessibleAsync();
        await second.FitsAsync();
        await second.ScreenshotAsync($"mfa-login-{screen}{(dark ? "-dark" : "")}");
        await second.Page.Locator("#code").FillAsync(TimeCodes.At(secret, clock.GetUtcNow()));
        await second.Page.Keyboard.PressAsync("Enter");
        await second.Page.WaitForURLAsync(url => !url.Contains("/login", StringComparison.Ordinal));

        await using var third = await Browser.OpenAsync(app.Address, screen, dark);
        await ToCodeAsync(third);
        await third.Page.GetByText("The phone is not at hand").ClickAsync();
        await third.Page.Locator("#recovery").FillAsync(recovery!);
        await third.Page.Keyboard.PressAsync("Enter");
        await third.Page.WaitForURLAsync(url => !url.Contains("/login", StringComparison.Ordinal));
        await third.GoToAsync("/account");
        await Expect(third.Page.GetByText("Recovery codes left: 9")).ToBeVisibleAsync();
        await third.Page.Locator("summary", new() { HasText = "Last sign-ins" }).ClickAsync();
        await Expect(third.Page.GetByText("Right password, wrong code")).ToBeVisibleAsync();
        await third.Page.GetByText("Devices that signed in before (3)").ClickAsync();
        await third.AccessibleAsync();
        await third.FitsAsync();
        await third.ScreenshotAsync($"mfa-account-{screen}{(dark ? "-dark" : "")}", fullPage: true);
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task An_administrator_asks_a_role_for_it_and_ends_a_session_whose_open_page_leaves(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var nomsa = await app.UserAsync("nomsa", SeededRole.Planner);
        await using var hers = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await hers.SignInAsync("nomsa", "/account");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("chief", "/admin/roles");
        if (screen == Screen.Phone)   // one role at a time
            await browser.Page.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Planner" });
        await browser.Page.GetByLabel("Planner, Asks for a second factor").ClickAsync();
        await Expect(browser.Page.GetByText("asks for a second factor from the next sign-in on")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Save these changes" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == SeededRole.Planner).NeedsSecondFactor);

        await browser.GoToAsync("/admin/users");
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "nomsa", Exact = true }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Sign-ins and devices" }).ClickAsync();
        await Expect(browser.Page.GetByText("A role asks for a second factor; not set up yet")).ToBeVisibleAsync();
        await browser.Page.Locator("summary", new() { HasText = "Last sign-ins" }).ClickAsync();
        await Expect(browser.Page.GetByText("Signed in on a new device")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"users-access-{screen}{(dark ? "-dark" : "")}", fullPage: true);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out: Chrome, Linux" }).ClickAsync();
        await Expect(browser.Page.GetByText("Signed in nowhere.")).ToBeVisibleAsync();
        await hers.Page.WaitForURLAsync(url => url.Contains("/login", StringComparison.Ordinal));
        Assert.Empty(await app.Get<AccessService>().ListSessionsAsync(TestPms.System, nomsa));
    }

    private static async Task ToCodeAsync(Browser browser)
    {
        await browser.GoToAsync("/login", interactive: false);
        await browser.Page.Locator("#name").FillAsync("nomsa");
        await browser.Page.Locator("#password").FillAsync(Visitors.Password);
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(browser.Page.Locator("#code")).ToBeFocusedAsync();
    }

    internal static async Task RequireAsync(WebApp app, string code)
    {
        var role = (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == code);
        await app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Id = role.Id, Version = role.Version, Name = role.Name, NeedsSecondFactor = true, Permissions = role.Permissions });
    }
}

/// <summary>The second factor and other people's sessions over the API.</summary>
public sealed class SecondFactorApiTests
{
    [Fact]
    public async Task A_program_signs_in_with_password_and_code_and_is_told_which_is_missing()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa", SeededRole.Planner);
        Assert.Equal((HttpStatusCode.OK, null), await LoginAsync(app, null));
        await SecondFactorPageTests.RequireAsync(app, SeededRole.Planner);
        Assert.Equal((HttpStatusCode.Unauthorized, "mfa.enrol_first"), await LoginAsync(app, null));
        Assert.Equal(1, await app.Get<Pms.Core.Data.Db>().ScalarAsync<long>("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL"));

        var me = (await app.Get<SignInService>().WithPasswordAsync("nomsa", Visitors.Password, new Origin { Ip = "192.0.2.1" })).Session.ToActor(Channel.Page, null, null, null);
        var service = app.Get<SecondFactorService>();
        var secret = (await service.StartAsync(me, Visitors.Password)).Secret;
        var codes = await service.ConfirmAsync(me, TimeCodes.At(secret, app.Get<PlantClock>().Now));
        Assert.Equal((HttpStatusCode.Unauthorized, "mfa.needed"), await LoginAsync(app, null));
        Assert.Equal((HttpStatusCode.Unauthorized, "mfa.wrong"), await LoginAsync(app, "000000"));
        Assert.Equal((HttpStatusCode.OK, null), await LoginAsync(app, codes[0]));
        Assert.Equal((HttpStatusCode.Unauthorized, "mfa.wrong"), await LoginAsync(app, codes[0]));
    }

    [Fact]
    public async Task An_administrators_program_lists_and_ends_sessions_forgets_devices_and_resets()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var nomsa = await app.UserAsync("nomsa", SeededRole.Planner);
        using HttpClient chief = await app.ApiAsync("chief"), hers = await app.ApiAsync("nomsa"), hersToo = await app.ApiAsync("nomsa");
        var sessions = (await chief.GetFromJsonAsync<JsonElement>(Uri($"/users/{nomsa}/sessions"))).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["Api", "Api"], sessions.Select(s => s.GetProperty("kind").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(chief, $"/users/{nomsa}/sessions/{sessions[1].GetProperty("id").GetString()}"));
        using (var over = await hers.GetAsync(Uri("/auth/me")))
            Assert.Equal(HttpStatusCode.Unauthorized, over.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(chief, $"/users/{nomsa}/devices/{sessions[0].GetProperty("device").GetString()}"));
        using (var over = await hersToo.GetAsync(Uri("/auth/me")))
            Assert.Equal(HttpStatusCode.Unauthorized, over.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(chief, $"/users/{nomsa}/devices/none"));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(chief, $"/users/{nomsa}/sessions"));
        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync(chief, $"/users/{nomsa}/second-factor"));
        Assert.Equal(2, (await chief.GetFromJsonAsync<JsonElement>(Uri($"/users/{nomsa}/sign-ins"))).GetProperty("items").GetArrayLength());
        using var planner = await app.ApiAsync("nomsa");
        Assert.Equal(HttpStatusCode.Forbidden, await DeleteAsync(planner, "/users/1/sessions"));
    }

    private static async Task<(HttpStatusCode, string?)> LoginAsync(WebApp app, string? code)
    {
        using var http = app.Client();
        using var answer = await http.PostAsJsonAsync(Uri("/auth/login"), new { userName = "nomsa", password = Visitors.Password, code });
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private static async Task<HttpStatusCode> DeleteAsync(HttpClient http, string path)
    {
        using var answer = await http.DeleteAsync(Uri(path));
        return answer.StatusCode;
    }

    private static Uri Uri(string path) => new("/api/v1" + path, UriKind.Relative);
}
