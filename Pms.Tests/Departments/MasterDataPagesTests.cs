using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Jobs.Holds;
using Pms.Core.Orders;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Departments;

/// <summary>The master data's pages in a real browser, and the same through the API.</summary>
[Collection(Browser.Line)]
public sealed class MasterDataPagesTests
{
    [Theory]
    [InlineData(Screen.Phone, true)]
    [InlineData(Screen.Desktop, false)]
    public async Task A_department_is_found_changed_and_saved_by_key(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        var name = $"departments-{screen}{(dark ? "-dark" : "")}";
        await browser.SignInAsync("nomsa", "/admin/departments");
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(2);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name);

        // On a phone what narrows the list lies behind a button that says how much of it is in force.
        var filters = page.GetByRole(AriaRole.Button, new() { Name = "Filters (1)" });
        if (screen == Screen.Phone)
        {
            await Expect(page.Locator(".list-filters select")).ToBeHiddenAsync();
            await filters.ClickAsync();
        }
        await Expect(filters).ToBeVisibleAsync(new() { Visible = screen == Screen.Phone });
        await Expect(page.Locator(".list-filters select")).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-filters");

        await page.Locator("input[type=search]").FillAsync("pack");
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(1);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("q=pack"));
        await page.Locator("input[type=search]").FillAsync("nothing like it");
        await Expect(page.GetByText("Nothing found")).ToBeVisibleAsync();
        await page.GetByText("Show all").ClickAsync();
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Link, new() { Name = "PRT" }).ClickAsync();
        var field = page.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true });
        await Expect(field).ToHaveValueAsync("Printing");
        await field.FillAsync("");
        await Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();
        await field.PressAsync("Control+s");
        await Expect(page.Locator(".side-sheet .wrong")).ToHaveTextAsync("This is needed.");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync(name + "-fault");

        // Somebody else saves meanwhile; one's own draft stays, and theirs is offered.
        await app.Get<DepartmentService>().SaveAsync(Actor.System("Thabo"), plant.Printing with { DailyTarget = 500 });
        await field.FillAsync("Printing hall");
        await field.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert).GetByText("Thabo")).ToBeVisibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-conflict");
        await page.GetByRole(AriaRole.Button, new() { Name = "Drop mine" }).ClickAsync();
        await Expect(field).ToHaveValueAsync("Printing");
        await Expect(page.GetByLabel("Daily target")).ToHaveValueAsync("500");
        await field.FillAsync("Printing hall");
        await field.PressAsync("Control+s");
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Unsaved changes")).ToHaveCountAsync(0);
        Assert.Equal("Printing hall", (await app.Get<DepartmentService>().GetAsync(TestPms.System, plant.Printing.Id)).Name);

        // The other way: what only they changed is kept, and where both changed the same field one chooses.
        await field.FillAsync("Printing rooms");
        await Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();
        await app.Get<DepartmentService>().SaveAsync(Actor.System("Thabo"), await app.Get<DepartmentService>().GetAsync(TestPms.System, plant.Printing.Id) with { Name = "Print", DailyTarget = 700 });
        await field.PressAsync("Control+s");
        await Expect(page.Locator(".clash")).ToContainTextAsync("Daily target 700");
        await Expect(page.Locator(".clash").GetByLabel("Yours Printing rooms")).ToBeCheckedAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync(name + "-choice");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save as chosen" }).ClickAsync();
        await Expect(page.Locator(".clash")).ToHaveCountAsync(0);
        await Expect(field).ToHaveValueAsync("Printing rooms");
        await Expect(page.GetByLabel("Daily target")).ToHaveValueAsync("700");
        var merged = await app.Get<DepartmentService>().GetAsync(TestPms.System, plant.Printing.Id);
        Assert.Equal(("Printing rooms", 700), (merged.Name, (int)merged.DailyTarget!));

        // What is typed while a slow save is under way stays typed.
        await field.FillAsync("Printing wing");
        await Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();
        await app.Get<Db>().InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE departments SET version = version WHERE id = @Id", plant.Packing);
            await field.PressAsync("Control+s");
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeDisabledAsync();
            await page.GetByLabel("Daily target").FillAsync("710");
        });
        await Eventually.TrueAsync(async () => (await app.Get<DepartmentService>().GetAsync(TestPms.System, plant.Printing.Id)).Name == "Printing wing");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true })).ToBeEnabledAsync();
        await Expect(page.GetByLabel("Daily target")).ToHaveValueAsync("710");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Unsaved changes")).ToHaveCountAsync(0);
        merged = await app.Get<DepartmentService>().GetAsync(TestPms.System, plant.Printing.Id);
        Assert.Equal(("Printing wing", 710), (merged.Name, (int)merged.DailyTarget!));

        foreach (var tab in new[] { "Stages", "Calendar", "Reasons", "History" })
        {
            await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = tab }).ClickAsync();
            await Expect(page.Locator(".sheet-tabs [aria-current]")).ToHaveTextAsync(tab);
            await Expect(page.Locator(".side-sheet .skeleton")).ToHaveCountAsync(0);
            await browser.AccessibleAsync();
            await browser.FitsAsync();
            await browser.ScreenshotAsync($"{name}-{tab.ToLowerInvariant()}");
        }
        await Expect(page.Locator(".history")).ToContainTextAsync("Printing hall");
    }

    [Fact]
    public async Task A_list_remembers_which_columns_one_put_away_and_a_part_is_not_left_unsaved_by_mistake()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/admin/employees");
        var head = page.Locator(".rows thead").GetByText("Department");
        await Expect(head).ToBeVisibleAsync();
        await page.Locator(".column-choice > button").ClickAsync();
        await page.Locator(".column-choice").GetByLabel("Department").UncheckAsync();
        await Expect(head).ToBeHiddenAsync();
        await Expect(page.Locator(".rows tbody").GetByText("Printing")).ToBeHiddenAsync();
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync("list-columns");
        await Expect(page.Locator(".column-choice > button")).ToContainTextAsync("(");
        await page.ReloadAsync();
        await Expect(page.Locator(".column-choice > button")).ToContainTextAsync("(");
        await Expect(head).ToBeHiddenAsync();

        await browser.GoToAsync($"/admin/departments?id={plant.Printing.Id}&tab=stages&part={plant.Print.Id}");
        var name = page.Locator("#part-form").GetByLabel("Name");
        await Expect(name).ToHaveValueAsync("Screen print");
        await name.FillAsync("Silk screen");
        await Expect(page.Locator("#part-form .unsaved")).ToBeVisibleAsync();
        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Calendar" }).ClickAsync();
        await Expect(page.GetByText("Leave without saving?")).ToBeVisibleAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByText("Leave without saving?")).ToHaveCountAsync(0);
        await Expect(name).ToHaveValueAsync("Silk screen");
        await name.PressAsync("Control+s");
        await Eventually.TrueAsync(async () => (await app.Get<DepartmentService>().StagesAsync(TestPms.System, plant.Printing.Id)).Single().Name == "Silk screen");
        await Expect(page.Locator("#part-form")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, true)]
    public async Task Every_list_opens_its_sheet(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        await app.Get<Core.Machines.MachineService>().SaveAsync(TestPms.System, new Core.Machines.WorkCentre { Code = "WC-1", Name = "Carousels", DepartmentId = plant.Printing.Id });
        await browser.SignInAsync("nomsa", "/admin/machines");
        foreach (var (path, row, field, value, tabs) in new[]
        {
            ("machines", "M-01", "Number", "M-01", new[] { "Calendar", "Meters", "History" }),
            ("work-centres", "WC-1", "Code", "WC-1", ["Machines", "History"]),
            ("employees", "Mokoena, Thabo", "Last name", "Mokoena", ["Absences", "History"]),
            ("products", "TS-100", "Code", "TS-100", ["Path", "Variants", "Instructions", "History"]),
        })
        {
            await browser.GoToAsync("/admin/" + path);
            await browser.AccessibleAsync();
            await browser.FitsAsync();
            await browser.ScreenshotAsync($"{path}-{screen}{(dark ? "-dark" : "")}");
            await browser.Page.GetByRole(AriaRole.Link, new() { Name = row }).ClickAsync();
            await Expect(browser.Page.GetByRole(AriaRole.Textbox, new() { Name = field, Exact = true })).ToHaveValueAsync(value);
            await browser.AccessibleAsync();
            await browser.FitsAsync();
            await browser.ScreenshotAsync($"{path}-{screen}{(dark ? "-dark" : "")}-sheet");
            foreach (var tab in tabs)
            {
                await browser.Page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = tab }).ClickAsync();
                await Expect(browser.Page.Locator(".sheet-tabs [aria-current]")).ToHaveTextAsync(tab);
                await browser.AccessibleAsync();
                await browser.FitsAsync();
                await browser.ScreenshotAsync($"{path}-{screen}{(dark ? "-dark" : "")}-{tab.ToLowerInvariant()}");
            }
        }
        Assert.NotNull(plant);
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desktop, false)]
    public async Task An_order_is_entered_held_and_lifted(Screen screen, bool dark)
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, screen, dark);
        var page = browser.Page;
        await browser.SignInAsync("nomsa", "/planning/orders/new");
        await page.GetByLabel("Number", new() { Exact = false }).First.FillAsync("SO260117");
        await page.GetByLabel("Customer").FillAsync("Highveld Cycling");
        await page.GetByLabel("Due").FillAsync("2027-03-01");
        await page.GetByLabel("Product").FillAsync("TS-100");
        await page.GetByLabel("Quantity").FillAsync("0");
        await browser.ScreenshotAsync($"order-new-{screen}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create order" }).ClickAsync();
        await Expect(page.Locator(".wrong").First).ToBeVisibleAsync();
        await page.GetByLabel("Quantity").FillAsync("1000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create order" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "SO260117" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Highveld Cycling").First).ToBeVisibleAsync();
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"order-{screen}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Put on hold" }).ClickAsync();
        await page.GetByLabel("In words").FillAsync("Ink is late");
        await browser.AccessibleAsync();
        await browser.ScreenshotAsync($"order-hold-{screen}");
        await page.Locator(".sheet").GetByRole(AriaRole.Button, new() { Name = "Put on hold" }).ClickAsync();
        await page.Locator(".sheet-tabs").GetByRole(AriaRole.Link, new() { Name = "Holds (1)" }).ClickAsync();
        await Expect(page.GetByText("Ink is late")).ToBeVisibleAsync();
        await browser.ScreenshotAsync($"order-holds-{screen}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Lift", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Lift", Exact = true }).ClickAsync();
        await Expect(page.Locator(".sheet-tabs").GetByText("Holds (0)")).ToBeVisibleAsync();

        await browser.GoToAsync("/planning/orders");
        await Expect(page.Locator(".rows tbody tr")).ToHaveCountAsync(1);
        await browser.AccessibleAsync();
        await browser.FitsAsync();
        await browser.ScreenshotAsync($"orders-{screen}");
        Assert.Equal(HoldState.Lifted, (await app.Get<HoldService>().ListAsync(TestPms.System, 1)).Single().State);
        Assert.NotNull(plant);
    }

    [Fact]
    public async Task The_api_lists_creates_changes_with_the_version_and_refuses_in_words()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        var list = await Json(await api.GetAsync(new Uri("/api/v1/departments?q=print&sort=-code&limit=1", UriKind.Relative)));
        Assert.Equal((1, "PRT"), (list.GetProperty("total").GetInt32(), list.GetProperty("items")[0].GetProperty("code").GetString()));

        var made = await api.PostAsJsonAsync(new Uri("/api/v1/departments", UriKind.Relative), new { code = "EMB", name = "Embroidery", kind = "Branding" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var address = made.Headers.Location!;
        Assert.Equal("\"1\"", made.Headers.ETag!.Tag);
        using var blind = await api.PutAsJsonAsync(address, new { code = "EMB", name = "Stitching" });
        Assert.Equal((HttpStatusCode)428, blind.StatusCode);
        using var changed = await PutAsync("\"1\"", "Stitching");
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (changed.StatusCode, changed.Headers.ETag!.Tag));
        using var stale = await PutAsync("\"1\"", "Late");
        var refused = await stale.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.PreconditionFailed, "version_stale", "\"2\"", "\"2\""),
            (stale.StatusCode, refused.GetProperty("code").GetString(), refused.GetProperty("etag").GetString(), stale.Headers.ETag!.Tag));

        Task<HttpResponseMessage> PutAsync(string tag, string name)
        {
            var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = JsonContent.Create(new { code = "EMB", name }) };
            request.Headers.Add("If-Match", tag);
            return api.SendAsync(request);
        }

        foreach (var (path, body, status) in new (string, object, HttpStatusCode)[]
        {
            ("departments", new { code = "", name = "x" }, HttpStatusCode.BadRequest),
            ("departments", new { code = (string?)null, name = "x" }, HttpStatusCode.BadRequest),
            ("departments", new { code = "X", name = "x", kind = "Purple" }, HttpStatusCode.BadRequest),
            ("machines", new { number = "M-2", name = "x", departmentId = 999 }, HttpStatusCode.BadRequest),
            ("machines", new { number = "M-2", name = "x", departmentId = 1, stages = (long[]?)null }, HttpStatusCode.BadRequest),
            ("products", new { code = "P", name = "x", steps = (object[]?)null }, HttpStatusCode.BadRequest),
            ("orders", new { items = new[] { new { productId = 1, quantity = -5 } } }, HttpStatusCode.BadRequest),
            ("orders", new { order = new { number = "S", customerId = 1, dueOn = "2027-01-01" }, items = new[] { new { productId = 1, quantity = -5 } } }, HttpStatusCode.BadRequest),
        })
        {
            using var answer = await api.PostAsJsonAsync(new Uri("/api/v1/" + path, UriKind.Relative), body);
            Assert.True(answer.StatusCode == status, path + ": " + await answer.Content.ReadAsStringAsync());
        }
        foreach (var path in new[] { "departments?sort=nope", "machines?color=red", "employees?kind=Purple", "orders?limit=x", "products?limit=1000", "products?limit=-1", "products?limit=1000000000", "orders?cursor=nonsense", "orders?fields=number,nope" })
            Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync(new Uri("/api/v1/" + path, UriKind.Relative))).StatusCode);

        var order = new { order = new { number = "SO-1", customerId = plant.Customer.Id, dueOn = "2027-01-01", priority = "Urgent" }, items = new[] { new { productId = plant.Shirt.Id, quantity = 100 } } };
        api.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var first = await Json(await api.PostAsJsonAsync(new Uri("/api/v1/orders", UriKind.Relative), order));
        var again = await Json(await api.PostAsJsonAsync(new Uri("/api/v1/orders", UriKind.Relative), order));
        Assert.Equal(first.GetProperty("id").GetInt64(), again.GetProperty("id").GetInt64());
        var detail = await Json(await api.GetAsync(new Uri($"/api/v1/orders/{first.GetProperty("id").GetInt64()}", UriKind.Relative)));
        Assert.Equal(("Urgent", nameof(OrderStatus.Unscheduled)), (detail.GetProperty("order").GetProperty("priority").GetString(), detail.GetProperty("order").GetProperty("status").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync(new Uri("/api/v1/orders/999", UriKind.Relative))).StatusCode);
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
