using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Planning.Promises;
using Pms.Core.Planning.Releases;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Planning.Promises;

/// <summary>“When could it be done?” is answered by the present load, and nothing is written by asking.</summary>
public sealed class PromiseTests
{
    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task The_earliest_date_follows_the_load_and_says_why_it_is_not_earlier(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var (promises, asked) = (pms.Get<PromiseService>(), new AskPromise(plant.Shirt.Id, 800));
        await pms.Get<Calendars>().LoadAsync();

        // No calendar at all: no date, and the reason.
        var never = await promises.AskAsync(Plant.Admin, asked);
        Assert.Equal((null, "capacity.no_time"), (never.On, never.Proof!.Code));

        // Monday to Friday from 06:00, eight hours: 256 minutes on the press and 20 of set-up, then 80 of packing.
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO shifts (name, days, starts_minute, length_minutes) VALUES ('Early', 31, 360, 480)"));
        await pms.Get<Calendars>().LoadAsync();
        pms.Clock.Advance(TimeSpan.FromSeconds(61));
        var first = await promises.AskAsync(Plant.Admin, asked with { DueOn = new(2026, 1, 5) });
        Assert.Equal((new DateOnly(2026, 1, 5), false, 2, null), (first.On, first.Late, first.Steps.Count, first.Proof));
        Assert.Equal(first.Done, (await promises.DateAsync(Plant.Admin, asked)).Done);

        // Four orders later the press is taken: a later date, and the press is why.
        for (var i = 0; i < 4; i++)
            await plant.OrderAsync(pms, $"SO-{i}");
        var planned = await pms.Get<ReleaseService>().ReleaseAsync(Plant.Admin, new(await pms.Db.ListAsync<long>("SELECT id FROM orders")));
        Assert.Equal(8, planned.Jobs);
        await Eventually.TrueAsync(async () => (await promises.DateAsync(Plant.Admin, asked)).On > first.On, "the promise follows the new load");   // what is in memory hears of it by an event
        var later = await promises.AskAsync(Plant.Admin, asked with { DueOn = new(2026, 1, 5) });
        Assert.True(later.Late && later.On > first.On, $"{later.On}");
        Assert.Equal("Screen print", later.Proof!.Stage);
        Assert.Equal(TimeSpan.Zero, later.LatenessBefore);
        Assert.Equal(8, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM jobs"));

        var order = await plant.OrderAsync(pms, "SO-9");
        Assert.Equal(later.On, (await promises.AskAsync(Plant.Admin, new AskPromise(OrderId: order))).On);
        Assert.Equal("promise.nothing", (await Assert.ThrowsAsync<RuleException>(() => promises.AskAsync(Plant.Admin, new AskPromise(OrderId: 1)))).Code);
        foreach (var quantity in new decimal?[] { null, 0, -1, 1_000_000_000_000m })
            await Assert.ThrowsAsync<InvalidException>(() => promises.AskAsync(Plant.Admin, asked with { Quantity = quantity }));
        await Assert.ThrowsAsync<NotFoundException>(() => promises.AskAsync(Plant.Admin, asked with { ProductId = 999 }));
    }
}
