using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity.Roles;
using Pms.Tests.Orders;
using Pms.Tests.Support;
using Pms.Web.Shared;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Security;

/// <summary>Whatever is typed into any text of any record is kept as that text, or refused by its field with a code; it is never markup, and never a fault of ours.</summary>
public abstract class TypedTextTests(Engine engine)
{
    internal const string Markup = "\"><img src=x onerror=1>";

    private static readonly string[] Texts = [Markup, "🧵👩‍🏭 𝒜", "שלום \u202eabc\u202c", "x\0y\u0007z", new string('w', 10_000), new string('w', 100_000), "\ud800", " \t "];

    [Fact]
    public async Task Every_text_of_every_record_is_kept_as_it_was_typed_or_refused_by_name()
    {
        await using var pms = await PlantAsync(engine);
        var records = await TypedRecords.MakeAsync(t => typeof(TestPms).GetMethod(nameof(TestPms.Get))!.MakeGenericMethod(t).Invoke(pms, null)!, await Plant.MakeAsync(pms));
        Assert.Empty(TypedText.All.Select(t => t.Record).Distinct().Except(records.Keys).Select(t => t.Name));   // a new record with texts: add its line to TypedRecords
        var (wrong, kept) = (new List<string>(), new HashSet<string>());
        foreach (var text in TypedText.All)
            foreach (var typed in Texts)
            {
                var record = records[text.Record];
                var before = await record.Read();
                object? after = null;
                var refused = await Record.ExceptionAsync(async () => after = await record.Save(text.With(before, typed)));
                var what = $"{text.Name} = {(typed.Length > 40 ? typed.Length : System.Text.Json.JsonSerializer.Serialize(typed))}";
                if (refused is InvalidException invalid)
                {
                    if (!invalid.Faults.Any(f => f.Field.Contains(text.Property.Name, StringComparison.Ordinal) || text.List is not null && f.Field.StartsWith(text.List.Name, StringComparison.Ordinal)))
                        wrong.Add($"{what}: refused at {string.Join(", ", invalid.Faults.Select(f => f.Field))}");
                    continue;
                }
                if (refused is not null)
                    wrong.Add($"{what}: {refused.GetType().Name} {refused.Message}");
                else if (text.Of(after!) is var stored && (stored ?? "") != Text.Clean(typed))
                    wrong.Add($"{what}: stored as {System.Text.Json.JsonSerializer.Serialize(stored)}");
                else if (typed.Length > 50_000)
                    wrong.Add($"{what}: taken");
                else
                    kept.Add($"{text.Name} {Array.IndexOf(Texts, typed)}");
                if (refused is null && text.Record != typeof(Core.Identity.ApiKeys.ApiKey))
                    await record.Save(text.With(after!, text.Of(before)));
            }
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong)}");
        // What is markup to a browser is a text to every record but where its form is fixed, as of an address.
        string[] formed = ["Employee.Email", "User.Email", "Product.Instructions.Link"];
        Assert.Empty(TypedText.All.Where(t => !formed.Contains(t.Name) && !kept.Contains($"{t.Name} 1") && !kept.Contains($"{t.Name} 2")).Select(t => t.Name));
    }
}

public sealed class TypedTextTests_on_SQLite() : TypedTextTests(Engine.Sqlite);

public sealed class TypedTextTests_on_MariaDB() : TypedTextTests(Engine.MySql);

/// <summary>Pages show such texts as texts.</summary>
[Collection(Browser.SecondLine)]
public sealed class TypedTextPageTests
{
    [Fact]
    public async Task No_page_makes_an_element_of_what_somebody_typed()
    {
        await using var app = await WebApp.StartAsync();
        var records = await TypedRecords.MakeAsync(app.Get<IServiceProvider>().GetService!, await Plant.MakeAsync(app));
        foreach (var text in TypedText.All.Where(t => t.Record != typeof(Core.Identity.ApiKeys.ApiKey)))
            foreach (var typed in new[] { TypedTextTests.Markup + " 🧵 \u202eabc", TypedTextTests.Markup, "<img src=x>", "<b>" })   // the longest that fits
                if (await Record.ExceptionAsync(async () => await records[text.Record].Save(text.With(await records[text.Record].Read(), typed))) is null)
                    break;
        await app.UserAsync("nomsa");
        await using var browser = await Browser.OpenAsync(app.Address, Screen.Desktop);
        await browser.SignInAsync("nomsa");
        var shown = 0;
        foreach (var path in NavItems.All.Select(i => i.Route).Concat(["/admin/products/categories", "/planning/orders/1", "/machines/M-01", "/admin/departments?id=1&tab=stages", "/admin/employees?id=1", "/admin/employees?id=1&tab=absences", "/admin/products?id=1",
            "/admin/products?id=1&tab=instructions", "/admin/machines?id=1", "/admin/machines?id=1&tab=history", "/admin/roles?id=12"]).Distinct())
        {
            await browser.GoToAsync(path, interactive: false);
            await browser.Page.Locator("main").First.WaitForAsync();
            await browser.Page.WaitForLoadStateAsync(Microsoft.Playwright.LoadState.NetworkIdle);
            Assert.True(await browser.Page.Locator("img[src='x'], [onerror], main b:empty:not([aria-hidden])").CountAsync() == 0, path);
            shown += await browser.Page.GetByText("<img src=x", new() { Exact = false }).CountAsync();
        }
        Assert.True(shown > 15, $"{shown} such texts are on the pages");
    }
}
