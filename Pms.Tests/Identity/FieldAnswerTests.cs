using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pms.Core;
using Pms.Core.Compliance;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Core.Jobs.Planning;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Orders;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Pms.Tests.Identity;

/// <summary>Field rules seen from outside: API, files, pages and imports, for every registered entity and field.</summary>
[Collection(Browser.Line)]
public sealed class FieldAnswerTests
{
    [Fact]
    public async Task What_is_hidden_is_in_no_answer_and_no_file_and_what_is_read_only_is_refused_by_name()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        var examples = await FieldExample.MakeAsync(app.Get<IServiceProvider>().GetService!, plant);
        var (role, _) = await EvaAsync(app);
        var catalog = app.Get<FieldCatalog>();
        using var api = await app.ApiAsync("eva");
        using var page = await SignedInAsync(app);
        foreach (var example in examples.Where(e => e.Api is not null))
        {
            var entity = catalog.Find(example.Entity)!;
            var before = await GetAsync(api, example.Api!);
            var columns = example.Export is null ? 0 : await ColumnsAsync(page, example.Export);
            var hidden = entity.Fields.Where(f => !f.Needed && example.Has(f.Name)).Select(f => f.Name).ToList();
            await SetAsync(app, role, example.Entity, hidden.ToDictionary(f => f, _ => new FieldRule(FieldAccess.Hidden)));
            var record = Head(await GetAsync(api, example.Api!), example.Entity);
            foreach (var field in hidden)
            {
                Assert.True(Head(before, example.Entity).ContainsKey(Json(field)), $"{example.Entity}.{field} was there");
                Assert.False(record.ContainsKey(Json(field)), $"{example.Entity}.{field} is answered");
            }
            if (example.ApiList is { } list)
            {
                var row = (JsonObject)(await GetAsync(api, list))["items"]!.AsArray()[0]!;
                var shown = entity.ShapeOf(entity.Types.First(t => t.Name == entity.Record.Name + "Row")).Where(p => hidden.Contains(p.Field)).Select(p => p.Property.Name).ToList();
                Assert.All(shown, p => Assert.False(row.ContainsKey(Json(p)), $"{list}.{p} is answered"));
                Assert.True(await ColumnsAsync(page, example.Export!) <= columns - shown.Count(s => !s.EndsWith("Id", StringComparison.Ordinal)), $"{list}: columns of the file");
                if (shown.Count > 0)
                    Assert.Empty((JsonObject)(await GetAsync(api, $"{list}?fields={Json(shown[0])}"))["items"]!.AsArray()[0]!);
            }

            var fixedOnes = entity.Fields.Where(f => !f.Settled && example.Has(f.Name)).Select(f => f.Name).ToList();
            await SetAsync(app, role, example.Entity, fixedOnes.ToDictionary(f => f, _ => new FieldRule(FieldAccess.ReadOnly)));
            using var read = await api.GetAsync(new Uri("/api/v1/" + example.Api, UriKind.Relative));
            using var put = new HttpRequestMessage(HttpMethod.Put, "/api/v1/" + example.Api) { Content = JsonContent.Create(example.Other, example.Other.GetType(), options: Written) };
            put.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.ToString());
            using var answer = await api.SendAsync(put);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, problem.ToString());
            Assert.Equal(fixedOnes.Order(), problem.GetProperty("faults").EnumerateArray().Where(f => f.GetProperty("code").GetString() == "field.read_only").Select(f => Clr(f.GetProperty("field").GetString()!)).Order());
        }
        using var asked = await api.GetAsync(new Uri("/api/v1/departments?sort=kind", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        await SetAsync(app, role, "department", new() { ["Kind"] = new FieldRule(FieldAccess.Hidden) });
        using var refused = await api.GetAsync(new Uri("/api/v1/departments?sort=kind", UriKind.Relative));
        Assert.Equal("field.hidden", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("faults")[0].GetProperty("code").GetString());
    }

    /// <summary>Values of fields that rules may hide; each is looked for in everything that is answered.</summary>
    private static readonly string[] Canaries = ["555 0100", "thabo@example.org", "chief@example.org", "Call first", "Left chest", "SER-4711-K", "Acme", "Back on Wednesday", "first_piece"];

    [Fact]
    public async Task What_is_hidden_is_in_no_answer_of_any_endpoint_and_in_no_history_or_audit()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        var examples = await FieldExample.MakeAsync(app.Get<IServiceProvider>().GetService!, plant);
        var order = (await app.Get<OrderService>().ListAsync(TestPms.System, new PageRequest())).Items[0].Id;
        var item = (await app.Get<OrderService>().GetAsync(TestPms.System, order)).Items[0];
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        var start = app.Get<PlantClock>().Now.AddHours(1);
        await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob(item.Steps[0].Id, 40, start, plant.Press.Id, plant.Thabo.Id, start.AddHours(2)));
        await app.Get<AllocationService>().SaveAsync(TestPms.System, new Allocation { EmployeeId = plant.Thabo.Id, MachineId = plant.Press.Id, FromDay = new(2026, 1, 5) });
        await app.Get<MaintenanceService>().ReportStopAsync(TestPms.System, new ReportStop(plant.Press.Id, false, Description: "Noise"));
        await app.UserAsync("nomsa");
        var (role, user) = await EvaAsync(app);
        using HttpClient all = await app.ApiAsync("nomsa"), eva = await app.ApiAsync("eva");
        var (before, _) = await EverythingAsync(all, app, new Actor { Name = "nomsa", UserId = user - 1 });
        foreach (var canary in Canaries)
            Assert.True(before.Values.Any(t => t.Contains(canary, StringComparison.Ordinal)), canary + " is answered to who may see it");
        foreach (var entity in app.Get<FieldCatalog>().All)
            await SetAsync(app, role, entity.Name, entity.Fields.Where(f => !f.Needed).ToDictionary(f => f.Name, _ => new FieldRule(FieldAccess.Hidden)));

        var (after, refused) = await EverythingAsync(eva, app, new Actor { Name = "eva", UserId = user });
        Assert.Empty(before.Keys.Where(k => k.StartsWith('/')).Except(after.Keys).Except(refused));   // there was something to look at
        foreach (var canary in Canaries)
            Assert.True(after.FirstOrDefault(t => t.Value.Contains(canary, StringComparison.Ordinal)) is not { Key: { } where }, $"{canary} is hidden and found at {after.FirstOrDefault(t => t.Value.Contains(canary, StringComparison.Ordinal)).Key}");

        // Nor can it be found out by asking for it, nor is an item's path, which has a command of its own.
        foreach (var list in new[] { "employees", "machines", "orders", "products", "departments", "customers", "jobs" })
            foreach (var canary in Canaries)
                Assert.Empty((await GetAsync(eva, $"{list}?q={Uri.EscapeDataString(canary)}"))["items"]!.AsArray());
        var seen = await app.Get<OrderService>().GetAsync(new Actor { Name = "eva", UserId = user }, order);
        Assert.Empty(seen.Items[0].Steps);
        await SetAsync(app, role, "order_item", new() { [OrderFields.Path] = new(FieldAccess.ReadOnly) });
        Assert.Equal("field.read_only", (await Assert.ThrowsAsync<InvalidException>(() => app.Get<OrderService>().SetPathAsync(new Actor { Name = "eva", UserId = user },
            new SetPath(item.Id, item.Version, [new OrderStep { StageId = plant.Print.Id }])))).Faults.Single().Why.Code);
    }

    /// <summary>Each answer of every address that can be read, each record's history, and the audit as page and as file.</summary>
    private static async Task<(Dictionary<string, string> Answers, HashSet<string> Refused)> EverythingAsync(HttpClient api, WebApp app, Actor actor)
    {
        var (answers, refused) = (new Dictionary<string, string>(), new HashSet<string>());
        foreach (var endpoint in Security.ApiEndpoint.Of(app).Where(e => e.Method == HttpMethod.Get))
            foreach (var id in endpoint.Pattern.Contains('{', StringComparison.Ordinal) ? new[] { "1", "2", "3" } : [""])
            {
                var path = endpoint.Path(id.Length == 0 ? "1" : id).Split('?')[0];
                using var answer = await api.GetAsync(new Uri(path, UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK)
                    answers[path] = await answer.Content.ReadAsStringAsync();
                else if (answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
                    refused.Add(path);
            }
        foreach (var entity in app.Get<FieldCatalog>().All)
            for (var id = 1; id < 5; id++)
                answers[$"history of {entity.Name} {id}"] = JsonSerializer.Serialize(await app.Get<HistoryService>().ListAsync(actor, entity.Name, id));
        var compliance = app.Get<ComplianceService>();
        var whole = new AuditFilter { From = app.Get<PlantClock>().Now.AddYears(-5), To = app.Get<PlantClock>().Now.AddYears(1) };
        var page = await compliance.ListAsync(actor, whole);
        answers["audit"] = JsonSerializer.Serialize(page.Entries);
        foreach (var entry in page.Entries)
            answers[$"audit entry {entry.Id}"] = (await compliance.GetAsync(actor, entry.Id)).Changes ?? "";
        var file = new System.Text.StringBuilder();
        await foreach (var entry in await compliance.ExportAsync(actor, whole, "csv"))
            file.Append(entry.Changes).Append('\n');
        answers["audit export"] = file.ToString();
        return (answers, refused);
    }

    [Fact]
    public async Task A_form_leaves_hidden_fields_out_locks_read_only_ones_and_keeps_mine_over_theirs()
    {
        await using var app = await WebApp.StartAsync();
        var plant = await Plant.MakeAsync(app);
        var (role, _) = await EvaAsync(app);
        var thabo = await app.Get<EmployeeService>().SaveAsync(TestPms.System, plant.Thabo with { Phone = "555 0100", Email = "thabo@example.org", Position = "Printer" });
        await SetAsync(app, role, "employee", new() { ["Phone"] = new(FieldAccess.Hidden), ["Email"] = new(FieldAccess.ReadOnly), ["Kind"] = new(FieldAccess.Hidden), ["Skills"] = new(FieldAccess.Hidden) });
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        var page = browser.Page;
        await browser.SignInAsync("eva", $"/admin/employees?id={thabo.Id}");
        await Expect(page.GetByLabel("Position")).ToHaveValueAsync("Printer");
        await Expect(page.GetByLabel("E-mail")).ToHaveJSPropertyAsync("readOnly", true);
        await Expect(page.GetByLabel("Phone")).ToHaveCountAsync(0);
        await Expect(page.GetByText("Skills", new() { Exact = true })).ToHaveCountAsync(0);
        await Expect(page.Locator(".rows thead th")).ToHaveCountAsync(4);
        await Expect(page.Locator(".rows tbody tr").First.Locator("td")).ToHaveCountAsync(4);
        await browser.AccessibleAsync();

        await page.GetByLabel("Position").FillAsync("Lead printer");
        await page.GetByLabel("Position").PressAsync("Tab");
        await Expect(page.Locator(".side-sheet, main").GetByText("Unsaved changes").First).ToBeVisibleAsync();   // else the other's save is simply read under what is typed
        await app.Get<EmployeeService>().SaveAsync(Actor.System("Nomsa"), thabo with { Email = "mokoena@example.org" });
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Keep both changes" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await app.Get<EmployeeService>().GetAsync(TestPms.System, thabo.Id)) is { Position: "Lead printer", Email: "mokoena@example.org", Phone: "555 0100", Kind: EmployeeKind.Operator });

        // A rule that comes while the page is open bites there too.
        await SetAsync(app, role, "employee", new() { ["Position"] = new(FieldAccess.Hidden) });
        await Expect(page.GetByLabel("Position")).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("Phone")).ToHaveValueAsync("555 0100");
    }

    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task A_job_answers_no_day_of_an_order_that_its_reader_may_not_see(Engine engine)
    {
        await using var app = await WebApp.StartAsync(engine);
        var plant = await Plant.MakeAsync(app);
        await app.Get<CalendarService>().SaveAsync(TestPms.System, new Shift { Name = "Day and night", Days = Shift.AllDays, LengthMinutes = 1440 });
        var clock = app.Get<PlantClock>();
        var due = clock.Today.AddDays(200);
        var order = await app.Get<OrderService>().CreateAsync(TestPms.System, new CreateOrder(new Order { Number = "SO-1", CustomerId = plant.Customer.Id, DueOn = due, Priority = OrderPriority.Urgent }, [new OrderItem { ProductId = plant.Shirt.Id, Quantity = 100 }]));
        var job = (await app.Get<JobPlanningService>().PlanAsync(TestPms.System, new PlanJob((await app.Get<OrderService>().GetAsync(TestPms.System, order)).Items[0].Steps[0].Id, 100, clock.Now.AddHours(1), plant.Press.Id))).JobId;
        var role = await app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Readers", Permissions = new Dictionary<string, Scope> { [Permissions.OrdersView] = Scope.All, [Permissions.JobsView] = Scope.All } });
        await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "vera", DisplayName = "Vera Botha", RoleIds = [role] }, Visitors.Password);
        using var api = await app.ApiAsync("vera");
        var day = due.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        string[] addresses = ["jobs", $"jobs/{job}", "planning/schedule"];
        foreach (var address in addresses)
            Assert.Contains(day, await api.GetStringAsync(new Uri("/api/v1/" + address, UriKind.Relative)), StringComparison.Ordinal);
        await SetAsync(app, role, "order", new() { ["DueOn"] = new(FieldAccess.Hidden), ["Priority"] = new(FieldAccess.Hidden) });
        foreach (var address in addresses)
            Assert.DoesNotContain(day, await api.GetStringAsync(new Uri("/api/v1/" + address, UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal((int)OrderPriority.Normal, (await GetAsync(api, "jobs"))["items"]![0]!["priority"]!.GetValue<int>());
        using var sorted = await api.GetAsync(new Uri("/api/v1/jobs?sort=due", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, sorted.StatusCode);
        Assert.Contains("field.hidden", await sorted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    internal static async Task<(long Role, long User)> EvaAsync(WebApp app)
    {
        var role = await app.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "Editors", Permissions = Permissions.All.ToDictionary(p => p, _ => Scope.All) });
        var made = await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "eva", DisplayName = "Eva Dube", RoleIds = [role] }, Visitors.Password);
        return (role, made.UserId);
    }

    internal static async Task SetAsync(WebApp app, long role, string entity, Dictionary<string, FieldRule> rules)
    {
        var service = app.Get<FieldPermissionService>();
        await service.SaveAsync(TestPms.System, await service.GetAsync(TestPms.System, role, entity) with { Rules = rules });
    }

    private static async Task<HttpClient> SignedInAsync(WebApp app)
    {
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("eva", "/account");
        var http = app.Client();
        http.DefaultRequestHeaders.Add("Cookie", string.Join("; ", (await browser.Page.Context.CookiesAsync()).Select(c => $"{c.Name}={c.Value}")));
        return http;
    }

    private static async Task<int> ColumnsAsync(HttpClient page, string list)
    {
        var text = await page.GetStringAsync(new Uri($"/lists/{list}.csv", UriKind.Relative));
        return text.Split("\r\n")[0].Split(',').Length;
    }

    private static async Task<JsonObject> GetAsync(HttpClient api, string path) => (JsonObject)JsonNode.Parse(await api.GetStringAsync(new Uri("/api/v1/" + path, UriKind.Relative)))!;

    /// <summary>An order is answered with all that belongs to it.</summary>
    private static JsonObject Head(JsonObject answer, string entity) => entity == "order" ? (JsonObject)answer["order"]! : answer;

    private static string Json(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    private static string Clr(string field) => char.ToUpperInvariant(field[0]) + field[1..];
}
