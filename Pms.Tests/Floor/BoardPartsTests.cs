using System.Globalization;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Floor;
using Pms.Web.Floor;
using Pms.Web.Shared;

namespace Pms.Tests.Floor;

/// <summary>The parts of a board: each draws itself again where it would look another way, and only there.</summary>
public sealed class BoardPartsTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    public BoardPartsTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");
        var time = new FakeTimeProvider(Now);
        Services.AddLocalization().AddSingleton<TimeProvider>(time).AddSingleton(new ClockOrigin(time)).AddSingleton(new PlantClock(time, TimeZoneInfo.Utc)).AddFloorPages();
    }

    [Fact]
    public void A_tile_flashes_at_each_change_of_its_machines_state_and_stays_the_same_element()
    {
        var (one, two) = (Machine(1, MachineState.Running), Machine(2, MachineState.Idle));
        var board = Render<MachineBoard>(p => p.Add(b => b.Machines, [one, two]).Add(b => b.Link, id => $"/m/{id}"));
        Assert.Equal(["machine", "machine"], Css());

        foreach (var (state, css) in new[] { (MachineState.Stopped, "machine flash"), (MachineState.Running, "machine flash again"), (MachineState.Stopped, "machine flash") })
        {
            board.Render(p => p.Add(b => b.Machines, [one = Machine(1, state), two]));
            Assert.Equal([css, "machine"], Css());
            Assert.Equal(FloorWords.Look(state).Css(), board.Find("[data-id='1']").GetAttribute("data-state"));
        }

        // Another figure is no change of state; a new machine takes its place, and each goes on leading where it led.
        board.Render(p => p.Add(b => b.Machines, [Machine(3, MachineState.Idle), one with { Jobs = [] }, two]));
        Assert.Equal(["machine", "machine flash", "machine"], Css());
        Assert.Equal(["/m/3", "/m/1", "/m/2"], board.FindAll("a").Select(a => a.GetAttribute("href")));

        IEnumerable<string?> Css() => board.FindAll("a").Select(a => a.GetAttribute("class"));
    }

    [Fact]
    public void The_figures_are_drawn_again_when_one_of_them_or_who_may_follow_them_changes()
    {
        var may = true;
        var me = new Me(null, "Nomsa", null, _ => may);
        var row = Render<FigureTiles>(p => p.Add(f => f.View, new OverviewView { Running = 3 }).AddCascadingValue(me));
        Assert.Equal(("3", 3), (row.Find("b.v").TextContent, row.FindAll("a[href]").Count));
        var drawn = row.RenderCount;

        row.Render(p => p.Add(f => f.View, new OverviewView { Running = 3, At = Now }));
        Assert.Equal(drawn, row.RenderCount);

        row.Render(p => p.Add(f => f.View, new OverviewView { Running = 4 }));
        Assert.Equal("4", row.Find("b.v").TextContent);

        may = false;
        row.Render(p => p.Add(f => f.View, new OverviewView { Running = 4 }));
        Assert.Empty(row.FindAll("a[href]"));
    }

    [Fact]
    public void A_need_that_was_read_again_keeps_its_line_and_counts_from_when_it_began()
    {
        var need = new NeedsPerson { Kind = NeedKind.StopWithoutReason, MachineId = 1, Machine = "M-01", JobId = 7, Since = Now.AddMinutes(-3), Cost = 6 };
        var late = new NeedsPerson { Kind = NeedKind.LateOrder, OrderId = 9, Order = "SO260001", Since = Now, Cost = 10 };
        var list = Render<NeedsList>(p => p.Add(n => n.Needs, [need]).AddCascadingValue(new Me(null, "Nomsa", null, _ => true)));
        Assert.Equal("--from:180", list.Find(".clock").GetAttribute("style"));
        Assert.Equal("/manager/floor?machine=1", list.Find("a").GetAttribute("href"));
        var drawn = list.RenderCount;

        list.Render(p => p.Add(n => n.Needs, [need]));
        Assert.Equal(drawn, list.RenderCount);

        list.Render(p => p.Add(n => n.Needs, [late, need with { Cost = 8 }]));
        Assert.Equal(2, list.FindAll("a").Count);
        Assert.Single(list.FindAll(".clock"));
    }

    private static MachineTile Machine(long id, MachineState state) => new() { Id = id, Number = $"M-0{id}", Name = "Line", DepartmentId = 1, State = state, Since = Now };
}
