using Pms.Core;
using Pms.Core.Machines;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Machines;

public sealed class MachineWindowTests_on_SQLite() : MachineWindowTests(Engine.Sqlite);

public sealed class MachineWindowTests_on_MariaDB() : MachineWindowTests(Engine.MySql);

/// <summary>Planned downtime of a machine: one at a time, with a reason, kept and told.</summary>
public abstract class MachineWindowTests(Engine engine)
{
    [Fact]
    public async Task Windows_of_one_machine_never_overlap_also_when_many_save_at_once()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<MachineWindowService>();
        MachineWindow Of(double from, double to, string reason = "Service") => new() { MachineId = plant.Press.Id, StartsAt = TestPms.Start.AddHours(from), EndsAt = TestPms.Start.AddHours(to), Reason = reason };

        var saved = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(async () =>
        {
            try { return (await service.SaveAsync(TestPms.System, Of(24 + i * 0.1, 26))).Id; }
            catch (RuleException e) when (e.Code == "machine.window_taken") { return 0; }
        })));
        var first = await service.GetAsync(TestPms.System, Assert.Single(saved, id => id > 0));

        Assert.Equal(WindowKind.Planned, first.Kind);
        await service.SaveAsync(TestPms.System, Of(26, 28, " Colour change "));   // half-open: right behind it is free
        await Assert.ThrowsAsync<RuleException>(() => service.SaveAsync(TestPms.System, first with { EndsAt = TestPms.Start.AddHours(27) }));
        await service.SaveAsync(TestPms.System, first with { StartsAt = TestPms.Start.AddHours(20) });
        Assert.Equal("changed_by_other", (await Assert.ThrowsAsync<ConflictException>(() => service.SaveAsync(TestPms.System, first with { Reason = "Late" }))).Code);
        Assert.Equal(["Service", "Colour change"], (await service.OfMachineAsync(TestPms.System, plant.Press.Id)).Select(w => w.Reason));
        Assert.Equal(["EndsAt in_past", "Reason required"], await FaultsAsync(Of(-4, -2, "")));
        Assert.Equal(["EndsAt before_start"], await FaultsAsync(Of(50, 50)));
        await service.RemoveAsync(TestPms.System, first.Id, first.Version + 1);
        Assert.Equal("Colour change", Assert.Single((await service.PageAsync(TestPms.System, new PageRequest())).Items).Reason);
        Assert.Equal(4, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE entity = 'machine_window'"));

        async Task<IEnumerable<string>> FaultsAsync(MachineWindow w) => (await Assert.ThrowsAsync<InvalidException>(() => service.SaveAsync(TestPms.System, w))).Faults.Select(f => $"{f.Field} {f.Why.Code}").Order();
    }
}
