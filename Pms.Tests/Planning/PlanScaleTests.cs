using Pms.Core;
using Pms.Core.Planning;
using Pms.Tests.Support;
using Pms.Web.Planning;

namespace Pms.Tests.Planning;

/// <summary>The board's time axis, and what is drawn on it as one piece of markup.</summary>
public sealed class PlanScaleTests
{
    private static readonly PlantClock Berlin = new(TimeProvider.System, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    [Fact]
    public void The_axis_has_columns_of_equal_width_on_days_of_23_and_25_hours_too()
    {
        foreach (var (day, hours) in new[] { (new DateOnly(2026, 3, 29), 23), (new DateOnly(2026, 10, 25), 24), (new DateOnly(2026, 1, 5), 24) })
        {
            var one = PlanScale.Of(Zoom.Day, day, Berlin);
            Assert.Equal((hours, Berlin.At(day.AddDays(1), 0)), (one.Columns, one.Window.End));
            var week = PlanScale.Of(Zoom.Week, day, Berlin);
            Assert.Equal([0, 1, 2, 3, 4, 5, 6], Enumerable.Range(0, 7).Select(i => (int)Math.Round(week.At(week.Column(i)) * 7, 6)));
            Assert.Equal(28, week.Cells.Count);
            Assert.All(week.Cells.Zip(week.Cells.Skip(1)), c => Assert.Equal(c.First.End, c.Second.Start));
        }
        var month = PlanScale.Of(Zoom.Month, new DateOnly(2026, 2, 14), Berlin);
        Assert.Equal((28, new DateOnly(2026, 2, 1)), (month.Columns, month.First));
        Assert.Equal((new DateOnly(2026, 1, 26), new DateOnly(2026, 3, 1)), (PlanScale.Weeks(month.First, Berlin).First, PlanScale.Weeks(month.First, Berlin).Last));
        Assert.Equal((0d, 1d), (month.At(month.Window.Start.AddDays(-3)), month.At(month.Window.End.AddDays(3))));
        Assert.Equal(("0", "0.5"), (month.Begin(new Span(month.Window.Start.AddDays(-9), month.Column(14))), month.Long(new Span(month.Window.Start.AddDays(-9), month.Column(14)))));
    }

    [Fact]
    public async Task Nothing_that_people_wrote_becomes_markup()
    {
        const string evil = "\"><img src=x onerror=1>";
        await using var app = await WebApp.StartAsync();
        var markup = app.Get<ScheduleMarkup>();
        var scale = PlanScale.Of(Zoom.Day, new(2026, 1, 5), Berlin);
        var at = new Span(scale.Column(8), scale.Column(14));
        var job = new PlannedJob { Id = 1, DepartmentId = 1, MachineId = 1, OrderNumber = evil, Product = evil, Stage = evil, PlannedStart = at.Start, PlannedEnd = at.End, DueOn = new(2026, 1, 4) };
        var row = new PlanRow { Key = "m1", Title = evil, Department = new() { Id = 1 }, Jobs = [new(job, at, 0), new(job with { DueOn = new(2026, 1, 4) }, at, 1)], Blocks = [new MachineBlock(1, BlockKind.Window, at.Start, at.End, evil, evil)] };
        foreach (var drawn in new[] { markup.Bar(row.Jobs[0], scale).Value, markup.Ground(row, scale, []).Value })
        {
            Assert.DoesNotContain("<img", drawn, StringComparison.Ordinal);
            Assert.Contains("&quot;&gt;&lt;img src=x onerror=1&gt;", drawn, StringComparison.Ordinal);
        }
    }
}
