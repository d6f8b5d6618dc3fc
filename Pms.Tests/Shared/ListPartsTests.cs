using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Pms.Core;
using Pms.Core.Products;
using Pms.Tests.Support;
using Pms.Web.Compliance;
using Pms.Web.Shared;
using Pms.Web.Shared.Lists;

namespace Pms.Tests.Shared;

/// <summary>What stands beside lists and forms: the choice of columns, each person's own, and the story of a record.</summary>
public sealed class ListPartsTests : BunitContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<Engine> Engines => [Engine.Sqlite, Engine.MySql];

    [Theory, MemberData(nameof(Engines))]
    public async Task A_column_left_out_is_hidden_by_its_place_and_stays_so_for_that_person_alone(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        Serve(pms);
        var (lea, ben) = (new Actor { Name = "Lea", EmployeeId = 5 }, new Actor { Name = "Ben", EmployeeId = 6 });
        var choice = Choice(lea, out var hidden);
        await choice.Find("button").ClickAsync();
        Assert.Equal(["Who", "What", "Changes", "Address"], choice.FindAll("label").Select(l => l.TextContent.Trim()));   // the first always stays

        await choice.FindAll("input")[0].ChangeAsync(false);
        await choice.FindAll("input")[3].ChangeAsync(false);
        await choice.FindAll("input")[2].ChangeAsync(false);
        await choice.FindAll("input")[2].ChangeAsync(true);

        Assert.Equal("2 5", hidden[^1]);
        Assert.EndsWith("(3/5)", choice.Find("button").TextContent.Trim(), StringComparison.Ordinal);
        Choice(lea, out var again).WaitForAssertion(() => Assert.Equal("2 5", again.LastOrDefault()), Patience);
        var his = Choice(ben, out var none);
        his.WaitForAssertion(() => Assert.Equal("Columns", his.Find("button").TextContent.Trim()), Patience);
        Assert.Empty(none);
        await DisposeAsync();

        IRenderedComponent<ColumnChoice> Choice(Actor actor, out List<string?> told)
        {
            var places = told = [];
            return Render<ColumnChoice>(p => p.Add(c => c.Name, "audit").Add(c => c.Columns, [("when", "When"), ("who", "Who"), ("what", "What"), ("changes", "Changes"), ("address", "Address")])
                .Add(c => c.HideChanged, places.Add).AddCascadingValue(new Me(actor, actor.Name, null, _ => true)));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_story_of_a_part_is_told_below_its_form_once_it_is_asked_for(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        Serve(pms);
        var products = pms.Get<ProductService>();
        var caps = await products.SaveAsync(TestPms.System, new Category { Name = "Caps" });
        caps = await products.SaveAsync(TestPms.System, caps with { Name = "Hats" });

        Assert.DoesNotContain(Form(new Category()).FindAll("button"), b => b.TextContent.Trim() == "History");   // nothing happened to what is not there yet
        var form = Form(caps);
        Assert.Empty(form.FindAll(".history"));
        await form.FindAll("button").Single(b => b.TextContent.Trim() == "History").ClickAsync();

        form.WaitForAssertion(() => Assert.Equal(["Changed", "Created"], form.FindAll(".history > li > span").Select(s => s.TextContent.Trim())), Patience);
        var (before, after) = (form.Find(".history > li del").TextContent, form.Find(".history > li ins").TextContent);
        Assert.Equal(("Caps", "Hats"), (before, after));
        await DisposeAsync();

        IRenderedComponent<PartForm> Form(Category of) => Render<PartForm>(p => p.Add(f => f.Title, of.Name).Add(f => f.Entity, "category").Add(f => f.Of, of).Add(f => f.OnSave, () => { }).Add(f => f.OnBack, () => { })
            .AddCascadingValue(new Me(TestPms.System, "Test", null, _ => true)));
    }

    private void Serve(TestPms pms)
    {
        Services.AddLogging().AddLocalization().AddMudServices().AddSingleton(TimeProvider.System).AddSingleton(pms.Get<PlantClock>()).AddSingleton(pms.Get<Core.Identity.HistoryService>())
            .AddSingleton<RefusalWords>().AddSingleton<AuditWords>().AddSingleton<Microsoft.Extensions.Hosting.IHostApplicationLifetime, Microsoft.Extensions.Hosting.Internal.ApplicationLifetime>();
        Services.AddFallbackServiceProvider(pms.Get<IServiceProvider>());
        JSInterop.Mode = JSRuntimeMode.Loose;
        SetRendererInfo(new("Server", isInteractive: true));
    }
}
