using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Demo;
using Pms.Core.Jobs;

namespace Pms.Tests.Demo;

/// <summary>The demo plant in memory: it moves at whatever hour somebody looks.</summary>
public sealed class DemoPlantTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Johannesburg");

    [Theory]
    [InlineData("2026-11-24T04:05:00Z")]   // Tuesday, the morning shift has just begun
    [InlineData("2026-11-24T08:40:00Z")]
    [InlineData("2026-11-24T01:30:00Z")]   // Tuesday 03:30
    [InlineData("2026-11-28T11:30:00Z")]   // Saturday 13:30, after the Saturday shift
    [InlineData("2026-11-29T21:59:00Z")]   // Sunday night
    [InlineData("2026-11-30T20:00:00Z")]   // Monday 22:00 sharp
    public void The_floor_moves_at_any_hour(string at)
    {
        var now = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);
        var plant = DemoPlant.Imagine(new() { HistoryDays = 6, OpenOrders = 200 }, new PlantClock(new FakeTimeProvider(now), Zone), now);
        var jobs = plant.Orders.SelectMany(o => o.Jobs).ToList();
        Assert.All(plant.Floor.Departments, d => Assert.NotNull(plant.Hours.Calendar.ShiftAt(d.Id, null, now)));
        Assert.InRange(jobs.Count(j => j.Status == JobStatus.Running && j.Place.Machine is not null), 12, 36);
        Assert.InRange(plant.Presences.Count(p => p.End is null), 30, 70);
        Assert.Equal(200, plant.Orders.Count(o => o.CompletedAt is null));
        Assert.Contains(plant.Orders, o => o.CompletedAt is null && o.DueOn < plant.Clock.DateOf(now));
        Assert.Equal(4, jobs.Count(j => j.MachineId == 1 && j.Status == JobStatus.Planned));
        // What is planned for a place comes one after the other, but for what was planned beyond capacity.
        foreach (var queue in jobs.Where(j => j.Status == JobStatus.Planned && j.Overbooked is null).GroupBy(j => j.Place))
            Assert.All(queue.OrderBy(j => j.PlannedStart).Zip(queue.OrderBy(j => j.PlannedStart).Skip(1)), p => Assert.True(p.First.PlannedEnd <= p.Second.PlannedStart && p.First.Sequence != p.Second.Sequence));
    }

    [Fact]
    public void The_dice_throw_the_same_on_every_machine()
    {
        var dice = new Dice(7);
        Assert.Equal([87, 4, 46, 3, 74], Enumerable.Range(0, 5).Select(_ => dice.Below(100)));
        Assert.Equal(new Dice(7).Fork(3).Below(1_000_000), dice.Fork(3).Below(1_000_000));
    }
}
