using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Identity;

/// <summary>Sign-in as people see it, in a real browser.</summary>
[Collection(Browser.Line)]
public sealed class PageTests
{
    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task The_first_administrator_is_made_in_the_browser_and_lands_signed_in(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var code = await app.Get<SetupService>().NewCodeAsync();
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.GoToAsync("/", interactive: false);
        await Expect(browser.Page).ToHaveURLAsync(new Uri(app.Address, "/setup").ToString());
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.Page.Locator("#code").FillAsync(code!);
        await browser.Page.Locator("#display").FillAsync("Nomsa Dube");
        await browser.Page.Locator("#name").FillAsync("nomsa");
        await browser.Page.Locator("#password").FillAsync("Password1234");
        await browser.Page.Locator("#again").FillAsync("Password1234");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Create and sign in" }).ClickAsync();
        await Expect(browser.Page.Locator("#password-wrong")).ToContainTextAsync("Many people use this");
        await browser.ScreenshotAsync($"setup-{screen}");
        await browser.Page.Locator("#password").FillAsync(Visitors.Password);
        await browser.Page.Locator("#again").FillAsync(Visitors.Password);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Create and sign in" }).ClickAsync();
        await browser.InteractiveAsync();
        Assert.DoesNotContain("/setup", browser.Page.Url, StringComparison.Ordinal);
        await browser.Page.GotoAsync("/setup");
        Assert.DoesNotContain("/setup", browser.Page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task Signing_in_leads_to_the_page_that_was_asked_for_and_a_wrong_password_keeps_the_name(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.GoToAsync("/account", interactive: false);
        await browser.Page.Locator("#name").FillAsync("nomsa");
        await browser.Page.Locator("#password").FillAsync("not the password");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not right");
        await Expect(browser.Page.Locator("#name")).ToHaveValueAsync("nomsa");
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"login-{screen}{(dark ? "-dark" : "")}");
        await browser.Page.Locator("#password").FillAsync(Visitors.Password);
        await browser.Page.Keyboard.PressAsync("Enter");
        await browser.InteractiveAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Your account" })).ToBeVisibleAsync();
        await Expect(browser.Page.GetByText("· here")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"account-{screen}{(dark ? "-dark" : "")}", fullPage: true);
    }

    [Fact]
    public async Task An_issued_password_opens_nothing_but_the_change_of_it()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var issued = await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "sipho", DisplayName = "Sipho Zulu" });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Phone);
        await browser.GoToAsync("/login", interactive: false);
        await browser.Page.Locator("#name").FillAsync("sipho");
        await browser.Page.Locator("#password").FillAsync(issued.Password);
        await browser.Page.Keyboard.PressAsync("Enter");
        await browser.InteractiveAsync();
        await Expect(browser.Page.GetByText("Choose one of your own")).ToBeVisibleAsync();
        await browser.Page.GotoAsync("/admin/health");
        await Expect(browser.Page.GetByText("Choose one of your own")).ToBeVisibleAsync();
        await browser.InteractiveAsync();
        await browser.Page.Locator("#pw-before").FillAsync(issued.Password);
        await browser.Page.Locator("#pw-after").FillAsync(Visitors.Password);
        await browser.Page.Locator("#pw-again").FillAsync(Visitors.Password);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => !url.Contains("account", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task A_person_reads_PMS_in_their_language_wherever_they_sign_in(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await using (var browser = await Browser.OpenAsync(app.Address, screen, dark))
        {
            await browser.SignInAsync("nomsa", "/account");
            await browser.Page.Locator("#language").SelectOptionAsync("de");
            await browser.Page.Locator("#culture").SelectOptionAsync("de-DE");
            await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Use this" }).ClickAsync();
            await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Ihr Konto" })).ToBeVisibleAsync();
            await Expect(browser.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
            foreach (var path in (string[])["/", "/planning/orders", "/planning/schedule", "/admin/settings"])
            {
                await browser.GoToAsync(path);
                await browser.FitsAsync();
                await browser.AccessibleAsync();
                await browser.ScreenshotAsync($"german-{screen}{path.Replace('/', '-')}");
            }
        }

        await using var other = await Browser.OpenAsync(app.Address, screen, dark);
        await other.SignInAsync("nomsa", "/account");
        await Expect(other.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await other.Page.Locator("#pw-before").FillAsync("not the password");
        await other.Page.Locator("#pw-after").FillAsync(Visitors.Password + "2");
        await other.Page.Locator("#pw-again").FillAsync(Visitors.Password + "3");
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Passwort ändern" }).ClickAsync();
        await Expect(other.Page.Locator("#pw-again-wrong")).ToContainTextAsync("nicht");
    }

    [Fact]
    public async Task A_deactivated_user_loses_the_open_page_and_is_told_why()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var id = await app.UserAsync("nomsa", SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa", "/account");
        await app.Get<UserService>().DeactivateAsync(TestPms.System, id);
        await browser.Page.WaitForURLAsync(url => url.Contains("/login", StringComparison.Ordinal));
        await Expect(browser.Page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_back_shows_nothing()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa", "/account");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await browser.Page.WaitForURLAsync(url => url.Contains("/login", StringComparison.Ordinal));
        await browser.Page.GotoAsync("/account");
        Assert.Contains("/login", browser.Page.Url, StringComparison.Ordinal);
        Assert.Equal(0, await app.Get<Db>().ScalarAsync<long>("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL"));
    }

    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task An_administrator_makes_a_user_and_hands_out_the_password(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("chief", "/admin/users");
        await browser.ScreenshotAsync($"users-list-{screen}{(dark ? "-dark" : "")}");
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "New user" }).ClickAsync();
        var sheet = browser.Page.Locator("#side-sheet");
        await sheet.GetByLabel("User name").FillAsync("chief");
        await sheet.GetByLabel("Name", new() { Exact = false }).Nth(1).FillAsync("Lindiwe Nkosi");
        await sheet.GetByLabel("Employee number").FillAsync("E-99");
        await sheet.GetByLabel("Planner").CheckAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Create and issue" }).ClickAsync();
        await Expect(sheet.Locator(".wrong")).ToContainTextAsync("no employee E-99");
        await sheet.GetByLabel("Employee number").FillAsync("");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Create and issue" }).ClickAsync();
        await Expect(sheet.Locator(".wrong")).ToContainTextAsync("taken");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"users-form-{screen}{(dark ? "-dark" : "")}");
        await sheet.GetByLabel("User name").FillAsync("lindiwe");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Create and issue" }).ClickAsync();
        var password = await browser.Page.Locator(".secret").TextContentAsync();
        await browser.ScreenshotAsync($"users-made-{screen}{(dark ? "-dark" : "")}");
        await sheet.Locator("header a").ClickAsync();
        await browser.Page.GetByRole(AriaRole.Searchbox).FillAsync("LINDI");
        await Expect(browser.Page.Locator(".list tbody tr")).ToHaveCountAsync(1);
        await Expect(browser.Page.GetByRole(AriaRole.Link, new() { Name = "lindiwe", Exact = true })).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"users-{screen}{(dark ? "-dark" : "")}");

        await using var hers = await Browser.OpenAsync(app.Address, Screen.Phone);
        await hers.GoToAsync("/login", interactive: false);
        await hers.Page.Locator("#name").FillAsync("lindiwe");
        await hers.Page.Locator("#password").FillAsync(password!.Trim());
        await hers.Page.Keyboard.PressAsync("Enter");
        await Expect(hers.Page.GetByText("Choose one of your own")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task The_matrix_shows_what_would_change_and_then_changes_it(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var viewer = await app.UserAsync("viewer", SeededRole.Viewer);
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await browser.SignInAsync("chief", "/admin/roles");
        if (screen == Screen.Phone)   // one role at a time
            await browser.Page.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "Viewer" });
        var cell = browser.Page.GetByLabel("Viewer, See orders: –");
        await cell.ScrollIntoViewIfNeededAsync();
        await cell.ClickAsync();
        await browser.Page.GetByLabel("Viewer, See orders: own").ClickAsync();
        await Expect(browser.Page.GetByText("gets: See orders (all)")).ToBeVisibleAsync();
        if (screen == Screen.Desktop)
        {
            var here = browser.Page.Locator(".matrix .cell:focus");
            await browser.Page.Keyboard.PressAsync("ArrowDown");
            await Expect(here).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("^Viewer, (?!See orders)"));
            await browser.Page.Keyboard.PressAsync("ArrowUp");
            await Expect(here).ToHaveAttributeAsync("aria-label", "Viewer, See orders: all");
            await browser.Page.Keyboard.PressAsync("Home");
            await Expect(here).ToHaveAttributeAsync("aria-label", "System Admin, See orders: all");
            await browser.Page.Keyboard.PressAsync("Enter");
            await browser.Page.Keyboard.PressAsync("ArrowRight");
            await Expect(here).ToHaveAttributeAsync("aria-label", "Department Manager, See orders: all");
            await Expect(browser.Page.Locator(".matrix .cell[tabindex='0']")).ToHaveCountAsync(1);
        }
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"roles-{screen}{(dark ? "-dark" : "")}");
        var actor = new Actor { Name = "viewer", UserId = viewer };
        Assert.False(app.Get<Rights>().Allows(actor, Permissions.OrdersView));
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Save these changes" }).ClickAsync();
        await Eventually.TrueAsync(() => app.Get<Rights>().Allows(actor, Permissions.OrdersView));
    }

    [Fact]
    public async Task A_badge_signs_a_person_on_at_the_terminal_the_next_one_takes_over_and_an_idle_one_is_signed_off()
    {
        var settings = new IdentitySettings(new LiveSettings()) { SessionFreshness = TimeSpan.FromSeconds(1) };
        var clock = new MovedClock();
        await using var app = await WebApp.StartAsync(change: s => s.AddSingleton(settings).AddSingleton<TimeProvider>(clock));
        await app.UserAsync("chief");
        var db = app.Get<Db>();
        var department = await db.InTransactionAsync(tx => tx.InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('EMB', 'EMB', 'Embroidery', 'EMBROIDERY', 'Branding')", new { }));
        var badges = new List<string>();
        foreach (var (number, name) in new[] { ("E7", "Thabo"), ("E8", "Lindiwe") })
        {
            var id = await db.InTransactionAsync(tx => tx.InsertAsync(
                "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@number, @number, @name, 'Mokoena', @number, @department, 'Operator')", new { number, name, department }));
            await app.Get<Rights>().LoadAsync();
            badges.Add(await app.Get<EmployeeCredentials>().IssueBadgeAsync(TestPms.System, id));
        }
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Terminal);
        await browser.SignInAsync("chief", "/admin/terminals");
        await browser.Page.Locator("#t-name").FillAsync("Line 1");
        await browser.Page.Locator("#t-dep").SelectOptionAsync(department.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("terminals");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Make this screen a terminal" }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Scan your badge" })).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("terminal-scan");
        await browser.Page.GotoAsync("/login?why=session.ended");   // where the page left behind leads when it hears first
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Scan your badge" })).ToBeVisibleAsync();

        foreach (var (badge, name) in badges.Zip(["Thabo", "Lindiwe"]))
        {
            await browser.Page.GotoAsync("/operator/terminal");
            await browser.Page.Keyboard.TypeAsync(badge);   // the scan field has the focus; a scanner ends with Enter
            await browser.Page.Keyboard.PressAsync("Enter");
            await browser.Page.WaitForURLAsync(url => !url.EndsWith("/operator/terminal", StringComparison.Ordinal));
            await browser.Page.GotoAsync("/account");
            await Expect(browser.Page.GetByText(name + " Mokoena").First).ToBeVisibleAsync();
        }
        Assert.Equal(1, await db.ScalarAsync<long>("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL AND kind = 'Terminal'"));
        await browser.InteractiveAsync();
        clock.Ahead = settings.TerminalIdle + TimeSpan.FromSeconds(1);
        await browser.Page.WaitForURLAsync(url => url.Contains("/operator/terminal", StringComparison.Ordinal));
        await Expect(browser.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nothing was done");
    }

    [Fact]
    public async Task A_pin_is_issued_on_the_page_and_signs_the_operator_in_on_a_phone()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var db = app.Get<Db>();
        var department = await db.InTransactionAsync(tx => tx.InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('EMB', 'EMB', 'Embroidery', 'EMBROIDERY', 'Branding')", new { }));
        await db.InTransactionAsync(tx => tx.InsertAsync(
            "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES ('E7', 'E7', 'Thabo', 'Mokoena', 'MOKOENA', @department, 'Operator')", new { department }));
        await app.Get<Rights>().LoadAsync();
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop, dark: true);
        await browser.SignInAsync("chief", "/admin/badges");
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "E7" }).ClickAsync();
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "New badge" }).ClickAsync();
        await Expect(browser.Page.GetByAltText("QR code of the badge")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("badges-dark");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "New PIN" }).ClickAsync();
        await Expect(browser.Page.GetByText("The new PIN")).ToBeVisibleAsync();
        var pin = (await browser.Page.Locator(".secret").TextContentAsync())!.Trim();
        await browser.FitsAsync();

        await using var phone = await Browser.OpenAsync(app.Address, Screen.Phone);
        await phone.GoToAsync("/login?by=pin", interactive: false);
        await phone.Page.Locator("#number").FillAsync("e7");
        await phone.Page.Locator("#pin").FillAsync(pin);
        await phone.AccessibleAsync();
        await phone.FitsAsync();
        await phone.ScreenshotAsync("login-pin-Phone");
        await phone.Page.Keyboard.PressAsync("Enter");
        await phone.Page.WaitForURLAsync(url => !url.Contains("/login", StringComparison.Ordinal));
        await phone.GoToAsync("/account");
        await Expect(phone.Page.Locator("main").GetByText("Thabo Mokoena")).ToBeVisibleAsync();
        await phone.Page.Locator("#pin-before").FillAsync(pin);
        await phone.Page.Locator("#pin-after").FillAsync("123456");
        await phone.Page.Locator("#pin-again").FillAsync("123456");
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Change the PIN" }).ClickAsync();
        await Expect(phone.Page.Locator("#pin-after-wrong")).ToContainTextAsync("Too easy");
    }
}
