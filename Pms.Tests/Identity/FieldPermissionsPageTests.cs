using Microsoft.Playwright;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Identity;

/// <summary>The pages that say what roles may do with fields and permissions, in a real browser.</summary>
[Collection(Browser.Line)]
public sealed class FieldPermissionsPageTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task A_choice_shows_in_the_preview_at_once_and_holds_when_it_is_saved(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        await Plant.MakeAsync(app);
        await app.UserAsync("chief");
        var planner = (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == SeededRole.Planner);
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("chief", $"/admin/field-permissions?role={planner.Id}&entity=employee");
        var preview = page.Locator(".preview-frame");
        await Expect(preview.GetByText("Phone", new() { Exact = true })).ToHaveCountAsync(1);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        var phone = page.Locator(".field-rules > li", new() { HasText = "Phone" });
        await phone.Locator("label", new() { HasText = "Hidden" }).ClickAsync();
        await Expect(preview.GetByText("Phone", new() { Exact = true })).ToHaveCountAsync(0);
        await Expect(preview.GetByText("E-mail", new() { Exact = true })).ToHaveCountAsync(1);
        await Expect(page.GetByText("Phone: Editable → Hidden")).ToBeVisibleAsync();
        await phone.GetByRole(AriaRole.Combobox).SelectOptionAsync(new SelectOptionValue { Label = "only while Active is no" });
        await Expect(preview.GetByText("Phone", new() { Exact = true })).ToHaveCountAsync(1);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"field-permissions-{screen}{(dark ? "-dark" : "")}", fullPage: true);
        var service = app.Get<FieldPermissionService>();
        Assert.Empty((await service.GetAsync(TestPms.System, planner.Id, "employee")).Rules);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save these changes" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await service.GetAsync(TestPms.System, planner.Id, "employee")).Rules.GetValueOrDefault("Phone") == new FieldRule(FieldAccess.Hidden, new("Active", "False")));
        await Expect(page.GetByText("Phone: Editable")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_role_is_found_cloned_with_its_field_rules_and_shows_who_holds_it()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        await app.UserAsync("pia", SeededRole.Planner);
        var planner = (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == SeededRole.Planner);
        await FieldAnswerTests.SetAsync(app, planner.Id, "order", new() { ["Value"] = new(FieldAccess.Hidden) });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;
        await browser.SignInAsync("chief", "/admin/roles");
        await page.GetByLabel("Planner: People: 1").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText("Pia Dube")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Search permissions").FillAsync("cancel");
        await Expect(page.Locator(".matrix tbody tr:not(.group)")).ToHaveCountAsync(1);
        await page.GetByLabel("Planner: Clone").ClickAsync();
        var sheet = page.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("Name of the role").FillAsync("Junior planner");
        await sheet.GetByLabel("Code").FillAsync("junior_planner");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Add to the matrix" }).ClickAsync();
        await page.GetByLabel("Junior planner, Cancel orders: all").ClickAsync();
        await Expect(page.GetByText("loses: Cancel orders")).ToBeVisibleAsync();
        await Expect(page.GetByText("new role, as Planner")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save these changes" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await app.Get<RoleService>().ListAsync(TestPms.System)).Any(r => r.Code == "junior_planner"));
        var junior = (await app.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == "junior_planner");
        Assert.Equal(planner.Permissions.Where(p => p.Key != Permissions.OrdersCancel).OrderBy(p => p.Key), junior.Permissions.OrderBy(p => p.Key));
        Assert.Equal(FieldAccess.Hidden, (await app.Get<FieldPermissionService>().GetAsync(TestPms.System, junior.Id, "order")).Rules["Value"].Access);
        Assert.Equal("role.code_taken", (await Assert.ThrowsAsync<Pms.Core.InvalidException>(() => app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Other", Code = "junior_planner" }))).Faults.Single().Why.Code);
        Assert.Equal("role.code_letters", (await Assert.ThrowsAsync<Pms.Core.InvalidException>(() => app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Other", Code = "Junior Planner" }))).Faults.Single().Why.Code);
    }
}
