using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Floor.Phases;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

/// <summary>A machine's status history: one line, one phase at each instant, with its reason.</summary>
public abstract class PhaseTests(Engine engine)
{
    private static DateTimeOffset At(string local) => FloorSeed.At("2026-01-05T" + local);

    [Fact]
    public void Of_several_things_at_once_the_first_phase_counts_and_neighbours_join()
    {
        var window = new Span(At("06:00"), At("15:00"));
        var line = PhaseLine.Of(window,
        [
            new(MachinePhase.Producing, new(At("07:00"), At("08:00")), "SO2"), new(MachinePhase.Producing, new(At("07:30"), At("09:00")), "SO1"),
            new(MachinePhase.Stopped, new(At("08:30"), At("10:00")), "SO1", "No material"), new(MachinePhase.Standing, new(At("09:30"), At("11:00")), null, "Breakdown", "MT-1"), new(MachinePhase.Stopped, new(At("13:30"), At("15:00")), "SO1", "End of shift"),
        ], [new(At("06:00"), At("12:00")), new(At("12:30"), At("14:00"))], ongoing: true);
        Assert.Equal(
        [
            "Idle 06:00-07:00", "Producing 07:00-07:30 SO2", "Producing 07:30-08:00 SO1,SO2", "Producing 08:00-09:00 SO1", "Stopped 09:00-09:30 No material SO1",
            "Standing 09:30-11:00 Breakdown", "Idle 11:00-12:00", "Closed 12:00-12:30", "Idle 12:30-13:30", "Stopped 13:30-14:00 End of shift SO1", "Closed 14:00-15:00",
        ], line.Select(Text));
        Assert.Equal([true], line.Where(s => s.Ongoing).Select(s => s.To == window.End));
        Assert.Empty(PhaseLine.Of(new(At("06:00"), At("06:00")), [], [], false));
    }

    [Fact]
    public async Task The_history_comes_from_intervals_tickets_and_the_calendar()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var floor = new FloorSeed(pms);
        await floor.PlantAsync();   // 06–14
        var reason = await floor.InsertAsync("reasons", new { list = "Stop", code = "mat", unique_key = "Stop/0/MAT", word = "No material", icon = "material", position = 1, kpi_class = "Organisational" });
        var job = await floor.JobAsync(floor.CutStep, floor.Cutting, floor.Cutter, "Running", At("07:00"), At("14:00"));
        await floor.RunAsync(floor.Cutter, floor.Cutting, job, "Setup", At("07:00"), At("07:30"));
        await floor.RunAsync(floor.Cutter, floor.Cutting, job, "Run", At("07:30"), At("09:00"));
        var stop = await floor.RunAsync(floor.Cutter, floor.Cutting, job, "Stop", At("09:00"), At("09:20"));
        await floor.ExecuteAsync("UPDATE machine_runs SET reason_id = @reason WHERE id = @stop", new { reason, stop });
        await floor.InsertAsync("maintenance_tickets", new
        {
            number = "MT-0001", machine_id = floor.Cutter, department_id = floor.Cutting, description = "Blade", severity = "High", stands = true, status = "Completed", reported_by = "Thabo", opened_at = At("09:20"), stands_from = At("09:20"),
            started_at = At("09:40"), released_at = At("10:00"),
        });
        await floor.RunAsync(floor.Cutter, floor.Cutting, job, "Run", At("10:00"), null);
        await floor.RunAsync(floor.Packer, floor.Packing, job, "Run", At("06:00"), At("07:00"));   // another machine
        pms.Clock.SetUtcNow(At("11:00"));

        var line = await pms.Get<PhaseService>().HistoryAsync(TestPms.System, floor.Cutter, At("05:00"), At("16:00"));
        Assert.Equal(
        [
            "Closed 05:00-06:00", "Idle 06:00-07:00", "SetUp 07:00-07:30 SO260001", "Producing 07:30-09:00 SO260001", "Stopped 09:00-09:20 No material SO260001", "Standing 09:20-09:40 Blade",
            "Maintenance 09:40-10:00 Blade", "Producing 10:00-11:00 SO260001",
        ], line.Select(Text));
        Assert.Equal(("MT-0001", true, false), (line[5].Ticket, line[^1].Ongoing, line[0].Ongoing));
        Assert.Empty(await pms.Get<PhaseService>().HistoryAsync(TestPms.System, floor.Cutter, At("12:00"), At("13:00")));
        Assert.Equal("too_large", (await Assert.ThrowsAsync<InvalidException>(() => pms.Get<PhaseService>().HistoryAsync(TestPms.System, floor.Cutter, At("05:00"), At("05:00").AddDays(40)))).Faults[0].Why.Code);
        await Assert.ThrowsAsync<NotFoundException>(() => pms.Get<PhaseService>().HistoryAsync(TestPms.System, 999, At("05:00"), At("06:00")));
    }

    private static string Text(PhaseSpan s) => string.Join(' ', new[] { s.Phase.ToString(), Clock(s.From) + "-" + Clock(s.To), s.Reason, s.Orders.Count > 0 ? string.Join(",", s.Orders) : null }.OfType<string>());

    private static string Clock(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(1)).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class PhaseTests_on_SQLite() : PhaseTests(Engine.Sqlite);

public sealed class PhaseTests_on_MariaDB() : PhaseTests(Engine.MySql);
