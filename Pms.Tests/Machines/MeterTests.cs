using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Machines;
using Pms.Tests.Orders;
using Pms.Tests.Support;

namespace Pms.Tests.Machines;

/// <summary>Counters of machines: they only go up, and where one does not, somebody said why.</summary>
public abstract class MeterTests(Engine engine)
{
    private static readonly Actor Ann = Actor.System("Ann");

    private static MeterReading Of(Plant plant, double hours, decimal value, string? reset = null) =>
        new() { MachineId = plant.Press.Id, At = TestPms.Start.AddHours(hours), Value = value, IsReset = reset is not null, Reason = reset };

    private static async Task<string> RefusedAsync(MachineService service, MeterReading reading)
    {
        var fault = (await Assert.ThrowsAsync<InvalidException>(() => service.ReadMeterAsync(Ann, reading))).Faults[0];
        return fault.Field + " " + fault.Why.Code;
    }

    [Fact]
    public async Task A_counter_goes_up_or_says_why_not_also_between_two_readings()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<MachineService>();
        await service.ReadMeterAsync(Ann, Of(plant, -10, 100));
        await service.ReadMeterAsync(Ann, Of(plant, 0, 110));
        Assert.Equal("Value meter_goes_back", await RefusedAsync(service, Of(plant, 0, 109.999m)));
        Assert.Equal("Value meter_goes_back", await RefusedAsync(service, Of(plant, -5, 99)));
        Assert.Equal("Value meter_above_later", await RefusedAsync(service, Of(plant, -5, 111)));
        Assert.Equal("Reason required", await RefusedAsync(service, Of(plant, 0, 3, reset: " ")));
        Assert.Equal("At in_future", await RefusedAsync(service, Of(plant, 1, 120)));
        await service.ReadMeterAsync(Ann, Of(plant, -5, 105));   // noted late, between the two
        await service.ReadMeterAsync(Ann, Of(plant, 0, 3, reset: "Counter exchanged"));
        await service.ReadMeterAsync(Ann, Of(plant, 0, 4));
        await service.ReadMeterAsync(Ann, Of(plant, 0, 1) with { Kind = MeterKind.Cycles });   // another counter

        var readings = await service.ReadingsAsync(Ann, plant.Press.Id);
        Assert.Equal([3m, 4m, 100m, 105m, 110m], readings.Where(r => r.Kind == MeterKind.Hours).Select(r => r.Value).Order());
        Assert.Equal(("Ann", "Counter exchanged", true), readings.Where(r => r.IsReset).Select(r => (r.ByWhom, r.Reason, r.IsReset)).Single());
        Assert.Equal("Counter exchanged", await pms.Db.ScalarAsync<string>("SELECT reason FROM audit WHERE action = 'machine.meter' AND reason IS NOT NULL"));
        Assert.Equal(plant.Press.Version, (await service.GetAsync(Ann, plant.Press.Id)).Version);   // who edits the machine is not disturbed
    }

    [Fact]
    public async Task Of_readings_sent_at_once_from_two_nodes_none_goes_back()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        await using var other = await pms.AnotherNodeAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            try { await (i % 2 == 0 ? pms : other).Get<MachineService>().ReadMeterAsync(Ann, Of(plant, 0, i * 7 % 12)); }
            catch (InvalidException) { return; }   // somebody had read more by then
        })));
        var values = await pms.Db.ListAsync<long>("SELECT value FROM meter_readings ORDER BY id");
        Assert.NotEmpty(values);
        Assert.Equal(values.Order(), values);
    }

    [Fact]
    public async Task A_reading_that_comes_twice_under_its_key_is_noted_once()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var plant = await Plant.MakeAsync(pms);
        var service = pms.Get<MachineService>();
        var first = await service.ReadMeterAsync(Ann with { CommandKey = "tap" }, Of(plant, 0, 5));
        Assert.Equal(first, await service.ReadMeterAsync(Ann with { CommandKey = "tap" }, Of(plant, 0, 5)));
        Assert.Single(await service.ReadingsAsync(Ann, plant.Press.Id));
    }
}

public sealed class MeterTests_on_SQLite() : MeterTests(Engine.Sqlite);

public sealed class MeterTests_on_MariaDB() : MeterTests(Engine.MySql);
