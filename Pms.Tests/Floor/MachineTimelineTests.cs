using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Pms.Core;
using Pms.Core.Floor;

namespace Pms.Tests.Floor;

public sealed class MachineTimelineTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_known_shift_gives_the_known_figures()
    {
        var timeline = MachineTimeline.Of(new SlotHistory
        {
            Window = At("06:00", "14:00"),
            Working = [At("06:00", "10:00"), At("10:15", "14:00")],
            PlannedStops = [At("07:00", "07:30")],
            Setup = [At("06:00", "06:30")],
            Run = [At("06:30", "07:00"), At("07:30", "11:00"), At("12:00", "13:00")],
            Down = [At("11:00", "12:00")],
            Watched = [At("06:00", "13:40")],
        });

        var oee = Oee.Of(UnitTimes.Of(timeline), [new(1, 1, 174, 6, 0), new(2, 0.5m, 160, 0, 0)]);

        Assert.Equal(450, oee.Times.Pbt.TotalMinutes);
        Assert.Equal(300, oee.Times.Apt.TotalMinutes);
        Assert.Equal(30, oee.Times.Aust.TotalMinutes);
        Assert.Equal(60, oee.Times.Adet.TotalMinutes);
        Assert.Equal(40, oee.Times.Adot.TotalMinutes);
        Assert.Equal(20, oee.Times.NoData.TotalMinutes);
        Assert.Equal(0.66667, oee.Availability!.Value, 5);
        Assert.Equal(0.86667, oee.Effectiveness!.Value, 5);
        Assert.Equal(0.97692, oee.Quality!.Value, 5);
        Assert.Equal(0.56444, oee.Value!.Value, 5);
        Assert.Equal(0.62089, oee.Nee!.Value, 5);
        Assert.False(oee.IsPoorlyReported);
    }

    [Fact]
    public void Three_hours_run_of_eight_gives_the_known_figures()
    {
        var day = new SlotHistory { Window = At("06:00", "14:00"), Working = [At("06:00", "14:00")], Run = [At("08:00", "11:00")], Watched = [At("06:00", "14:00")] };

        var oee = Oee.Of(UnitTimes.Of(MachineTimeline.Of(day)), [new(1, 0.5m, 236, 4, 0)]);

        Assert.Equal(0.375, oee.Availability!.Value, 5);
        Assert.Equal(0.6667, oee.Effectiveness!.Value, 4);
        Assert.Equal(0.98333, oee.Quality!.Value, 5);
        Assert.Equal(0.24583, oee.Value!.Value, 5);
    }

    [Fact]
    public void Without_a_standard_there_is_no_effectiveness_and_no_oee()
    {
        var times = new UnitTimes { Apt = TimeSpan.FromHours(4), Adot = TimeSpan.FromHours(4) };

        var oee = Oee.Of(times, [new(1, null, 90, 10, 0)]);

        Assert.Equal(0.5, oee.Availability);
        Assert.Equal(0.9, oee.Quality);
        Assert.Null(oee.Effectiveness);
        Assert.Null(oee.Value);
        Assert.Null(oee.Nee);
    }

    [Fact]
    public void Without_production_there_is_no_value_and_not_zero()
    {
        var oee = Oee.Of(new UnitTimes { Adot = TimeSpan.FromHours(4) }, []);

        Assert.Equal(0, oee.Availability);
        Assert.Null(oee.Effectiveness);
        Assert.Null(oee.Quality);
        Assert.Null(oee.Value);
    }

    [Fact]
    public void Totals_are_sum_over_sum_and_not_averages_of_percentages()
    {
        var good = Oee.Of(new UnitTimes { Apt = TimeSpan.FromMinutes(60) }, [new(1, 1, 60, 0, 0)]);
        var idle = Oee.Of(new UnitTimes { Adot = TimeSpan.FromMinutes(540) }, []);

        Assert.Equal(0.1, Oee.Sum([good, idle]).Value!.Value, 9);
    }

    [Fact]
    public void More_than_planned_speed_is_shown_as_it_is() =>
        Assert.Equal(1.2, Oee.Of(new UnitTimes { Apt = TimeSpan.FromMinutes(100) }, [new(1, 1, 120, 0, 0)]).Effectiveness!.Value, 9);

    [Fact]
    public void More_than_a_tenth_without_data_is_said() =>
        Assert.True(Oee.Of(new UnitTimes { Apt = TimeSpan.FromMinutes(80), NoData = TimeSpan.FromMinutes(20) }, []).IsPoorlyReported);

    [Fact]
    public void Work_outside_the_calendar_adds_itself()
    {
        var sunday = new SlotHistory { Window = At("06:00", "14:00"), Run = [At("09:00", "11:00")] };

        var times = UnitTimes.Of(MachineTimeline.Of(sunday));

        Assert.Equal(TimeSpan.FromHours(2), times.Pbt);
        Assert.Equal(TimeSpan.FromHours(6), times.Planned);
    }

    [Property(MaxTest = 300)]
    public Property The_classes_partition_the_window()
    {
        return Prop.ForAll(Histories().ToArbitrary(), history =>
        {
            var timeline = MachineTimeline.Of(history);
            var at = history.Window.Start;
            for (var i = 0; i < timeline.Count; i++)
            {
                Assert.Equal(at, timeline[i].Span.Start);
                Assert.True(timeline[i].Span.Length > TimeSpan.Zero);
                Assert.True(i == 0 || timeline[i].Class != timeline[i - 1].Class);
                at = timeline[i].Span.End;
            }
            Assert.Equal(history.Window.End, at);
            var times = UnitTimes.Of(timeline);
            Assert.Equal(history.Window.Length, times.Pbt + times.Planned);
            Assert.True(Oee.Of(times, []).Availability is null or (>= 0 and <= 1));
        });
    }

    [Property(MaxTest = 300)]
    public Property Each_instant_has_the_first_class_that_matches()
    {
        return Prop.ForAll(Histories().ToArbitrary(), history =>
        {
            foreach (var (span, type) in MachineTimeline.Of(history))
            {
                var middle = span.Start + span.Length / 2;
                bool In(IReadOnlyList<Span> spans) => spans.Any(s => s.Contains(middle));
                var expected = In(history.Run) ? TimeClass.Run
                    : In(history.Setup) ? TimeClass.Setup
                    : In(history.Rework) ? TimeClass.Rework
                    : !In(history.Working) || In(history.PlannedStops) ? TimeClass.Planned
                    : In(history.Down) ? TimeClass.Down
                    : In(history.Watched) ? TimeClass.Idle : TimeClass.NoData;
                Assert.Equal(expected, type);
            }
        });
    }

    private static Gen<SlotHistory> Histories()
    {
        // Whole minutes over more than the window, so that spans touch, overlap and reach outside.
        var span = from start in Gen.Choose(-60, 540) from length in Gen.Choose(0, 200) select new Span(Midnight.AddMinutes(start), Midnight.AddMinutes(start + length));
        var spans = span.ListOf().Resize(6).Select(s => (IReadOnlyList<Span>)[.. s]);
        return from run in spans
               from setup in spans
               from rework in spans
               from working in spans
               from planned in spans
               from down in spans
               from watched in spans
               select new SlotHistory { Window = new Span(Midnight, Midnight.AddMinutes(480)), Run = run, Setup = setup, Rework = rework, Working = working, PlannedStops = planned, Down = down, Watched = watched };
    }

    private static Span At(string from, string to) => new(Midnight + TimeSpan.Parse(from, null), Midnight + TimeSpan.Parse(to, null));
}
