using Pms.Core.Floor;
using Pms.Core.Jobs;
using Pms.Tests.Support;
using Pms.Web.Floor;

namespace Pms.Tests.Floor;

/// <summary>A tile is one piece of markup, so what people wrote must be encoded before it becomes part of it.</summary>
public sealed class TileMarkupTests
{
    private const string Evil = "\"><img src=x onerror=1>";
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Nothing_that_people_wrote_becomes_markup()
    {
        await using var app = await WebApp.StartAsync();
        var tiles = app.Get<TileMarkup>();
        var machine = new MachineTile { Id = 1, Number = Evil, Name = Evil, DepartmentId = 1, State = MachineState.Idle, Since = Now };
        var job = new TileJob { Since = Now, Job = new StartedJob { OrderNumber = Evil, ProductName = Evil, OperatorFirst = Evil, PauseReason = Evil, Planned = 500, Good = 40, Status = JobStatus.Paused } };

        foreach (var tile in new[]
        {
            machine with { Allocated = [Evil], Next = new NextJob { OrderNumber = Evil, PlannedStart = Now } },
            machine with { State = MachineState.Running, Jobs = [job] },
            machine with { State = MachineState.Stopped, Jobs = [job] },
            machine with { State = MachineState.Broken, Ticket = new StandingTicket { Number = Evil, Description = Evil, Assigned = Evil, StandsFrom = Now, ExpectedBack = Now } },
        })
        {
            var drawn = tiles.Of(tile, names: true, rates: true).Inside.Value;
            Assert.DoesNotContain("<img", drawn, StringComparison.Ordinal);
            Assert.Contains("&quot;&gt;&lt;img src=x onerror=1&gt;", drawn, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task All_boards_that_show_a_machine_in_the_same_words_share_its_drawing()
    {
        await using var app = await WebApp.StartAsync();
        var (tiles, machine) = (app.Get<TileMarkup>(), new MachineTile { Id = 1, Number = "M-01", Name = "Line", DepartmentId = 1, State = MachineState.Idle, Since = Now });

        var drawn = tiles.Of(machine, names: true, rates: true);

        Assert.Same(drawn, tiles.Of(machine, names: true, rates: true));
        Assert.NotSame(drawn, tiles.Of(machine, names: false, rates: true));
        Assert.NotSame(drawn, tiles.Of(machine with { State = MachineState.Running }, names: true, rates: true));
    }

    [Fact]
    public async Task A_board_for_strangers_says_neither_names_nor_rates()
    {
        await using var app = await WebApp.StartAsync();
        var tile = new MachineTile
        {
            Id = 1, Number = "M-01", Name = "Line", DepartmentId = 1, State = MachineState.Running,
            Jobs = [new TileJob { Since = Now, Rate = 0.87, Job = new StartedJob { OrderNumber = "SO260001", OperatorFirst = "Thabo", Planned = 500, Good = 40, Status = JobStatus.Running } }],
        };

        var own = System.Net.WebUtility.HtmlDecode(app.Get<TileMarkup>().Of(tile, names: true, rates: true).Inside.Value);
        var strangers = app.Get<TileMarkup>().Of(tile, names: false, rates: false).Inside.Value;

        Assert.Contains("SO260001 · Thabo", own, StringComparison.Ordinal);
        Assert.Contains("40 / 500 · 87 %", own, StringComparison.Ordinal);
        Assert.Contains("SO260001", strangers, StringComparison.Ordinal);
        Assert.DoesNotContain("Thabo", strangers, StringComparison.Ordinal);
        Assert.DoesNotContain("%", strangers, StringComparison.Ordinal);
    }
}
