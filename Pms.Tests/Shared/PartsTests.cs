using System.Globalization;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Web.Shared;

namespace Pms.Tests.Shared;

public sealed class PartsTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Now);
    private readonly ClockBeat _beat;

    public PartsTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");
        var origin = new ClockOrigin(_time);
        _beat = new ClockBeat(origin, _time);
        Services.AddLocalization().AddSingleton<TimeProvider>(_time).AddSingleton(origin).AddSingleton(_beat)
            .AddSingleton(new PlantClock(_time, TimeZoneInfo.FindSystemTimeZoneById("Africa/Johannesburg"))).AddSingleton<RefusalWords>();
    }

    public static TheoryData<PlantState> AllStates => [.. Enum.GetValues<PlantState>()];

    [Theory, MemberData(nameof(AllStates))]
    public void Every_state_reads_by_icon_and_word_without_its_colour(PlantState state)
    {
        var chip = Render<StatusChip>(p => p.Add(c => c.State, state));
        Assert.NotEmpty(chip.Find("svg path, svg rect, svg circle").OuterHtml);
        Assert.DoesNotContain("State_", chip.Find(".chip").TextContent, StringComparison.Ordinal);
        Assert.Equal(state.Css(), chip.Find(".chip").GetAttribute("data-state"));
    }

    [Theory]
    [InlineData(0.64, "64", "--done:0.64")]
    [InlineData(1.7, "100", "--done:1")]
    [InlineData(-1, "0", "--done:0")]
    [InlineData(double.NaN, "0", "--done:0")]
    public void A_bar_stays_between_nothing_and_all(double done, string percent, string style)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE"); // a comma would break the style
        var bar = Render<Bar>(p => p.Add(b => b.Done, done).Add(b => b.Label, "Done")).Find(".bar");
        Assert.Equal(percent, bar.GetAttribute("aria-valuenow"));
        Assert.Equal(style, bar.GetAttribute("style"));
    }

    [Fact]
    public void A_clock_counts_from_the_beginning_of_the_pages_tick()
    {
        var clock = Render<Clock>(p => p.Add(c => c.Since, Now.AddSeconds(-90)).Add(c => c.Before, TimeSpan.FromMinutes(1))).Find(".clock");
        Assert.Equal("--from:150", clock.GetAttribute("style"));
        Assert.DoesNotContain("still", clock.ClassList);
    }

    [Fact]
    public void A_redraw_does_not_count_the_same_seconds_twice()
    {
        var clock = Render<Clock>(p => p.Add(c => c.Since, Now.AddSeconds(-5)));
        _time.Advance(TimeSpan.FromMinutes(20)); // the browser has counted them already
        clock.Render(p => p.Add(c => c.Label, "Running"));
        Assert.Equal("--from:5", clock.Find(".clock").GetAttribute("style"));
        Assert.Equal("Running 0:20", clock.Find(".clock").GetAttribute("aria-label"));
    }

    [Fact]
    public void What_begins_later_counts_from_its_own_beginning()
    {
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal("--from:-40", Render<Clock>(p => p.Add(c => c.Since, Now.AddSeconds(40))).Find(".clock").GetAttribute("style"));
    }

    [Fact]
    public async Task A_clock_starts_from_the_truth_when_a_sleeping_phone_comes_back()
    {
        var page = Render<Ticking>(p => p.AddChildContent<Clock>(c => c.Add(x => x.Since, Now)));
        await _beat.OnConnectionDownAsync(null!, default);
        _time.Advance(TimeSpan.FromSeconds(30));
        await _beat.OnConnectionUpAsync(null!, default);
        page.WaitForAssertion(() =>
        {
            Assert.Equal("--beat:30", page.Find(".ticking").GetAttribute("style"));
            Assert.Equal("--from:0", page.Find(".clock").GetAttribute("style"));
            Assert.Equal("1", page.Find(".ticking").GetAttribute("data-beat"));
        });
    }

    [Fact]
    public void A_stopped_clock_stands()
    {
        var clock = Render<Clock>(p => p.Add(c => c.Before, TimeSpan.FromMinutes(5))).Find(".clock");
        Assert.Equal("--from:300", clock.GetAttribute("style"));
        Assert.Contains("still", clock.ClassList);
    }

    [Fact]
    public void Since_is_said_in_the_plants_time()
    {
        var since = Render<Since>(p => p.Add(s => s.At, Now.AddMinutes(-62)));
        Assert.Contains("since 09:58", since.Markup, StringComparison.Ordinal);
        since.Render(p => p.Add(s => s.At, Now.AddDays(-1)));
        Assert.Contains("since Sun 11:00", since.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void The_keypad_types_adds_and_takes_the_rest()
    {
        var (pad, value) = Keypad(rest: 86);
        Press(pad, "4");
        Press(pad, "0");
        Assert.Equal(40, value());
        Press(pad, "+10");
        Press(pad, "+1");
        Assert.Equal(51, value());
        Press(pad, "7"); // after a key that gave a whole figure, typing begins anew
        Assert.Equal(7, value());
        pad.FindAll("button").First(b => b.TextContent.StartsWith("Rest", StringComparison.Ordinal)).Click();
        Assert.Equal(86, value());
        pad.Find("[aria-label='Delete the last digit']").Click();
        Assert.Equal(8, value());
    }

    [Fact]
    public void The_keypad_types_on_where_a_draft_stopped()
    {
        var (pad, value) = Keypad(begun: 12);
        Press(pad, "5");
        Assert.Equal(125, value());
    }

    [Fact]
    public void What_was_only_suggested_gives_way_to_the_first_digit()
    {
        var (pad, value) = Keypad(rest: 250, begun: 250);
        Press(pad, "3");
        Press(pad, "0");
        Assert.Equal(30, value());
    }

    [Fact]
    public void The_keypad_speaks_the_readers_numbers_and_hands_out_a_decimal()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        var (pad, value) = Keypad(decimals: 2);
        foreach (var key in new[] { "1", "2", ",", "5", "0", "9" })
        {
            pad.Find(".keypad").KeyDown(key); // a real keyboard; the third place is one too many
        }

        Assert.Equal(12.50m, value());
        Assert.Equal("12,50", pad.Find("output span").TextContent);
    }

    [Fact]
    public void The_keypad_takes_no_figure_it_could_not_mean()
    {
        var (pad, value) = Keypad();
        for (var i = 0; i < 14; i++)
        {
            Press(pad, "9");
        }

        Assert.Equal(999_999_999, value());
        Press(pad, "+1");
        Assert.Equal(999_999_999, value());
        Assert.True(pad.Find("[aria-label='Decimal point']").HasAttribute("disabled"));
    }

    [Fact]
    public void Refusals_are_said_with_the_readers_numbers_and_the_plants_time()
    {
        var words = Services.GetRequiredService<RefusalWords>();
        Assert.Equal("Enter 1,250.5 or less.", words.Of(new Refusal("at_most", 1250.5m)));
        Assert.Equal("Enter something from 10:58 to Tue 24 Nov 11:00.", words.Of(new Refusal("between", Now.AddMinutes(-2), Now.AddDays(1))));
        Assert.Equal("M-14 is already running SO260117 for Thabo since 10:05.", words.Of(new Refusal("job.machine_busy", "M-14", "SO260117", "Thabo", Now.AddMinutes(-55))));
        Assert.Equal("M-14 is already running SO260117.", words.Of(new Refusal("job.machine_busy", "M-14", "SO260117", null, null)));
        Assert.Equal("This is not possible (no.such_code).", words.Of(new Refusal("no.such_code")));
    }

    [Theory]
    [InlineData("Sipho Dlamini", "SD")]
    [InlineData("nomsa", "N")]
    [InlineData("  Anna  Maria  Berg ", "AB")]
    [InlineData(null, "?")]
    public void A_face_shows_the_first_letters(string? name, string letters) => Assert.Equal(letters, (Me.Nobody with { Name = name }).Initials);

    private (IRenderedComponent<Keypad> Pad, Func<decimal> Value) Keypad(decimal? rest = null, int decimals = 0, decimal begun = 0)
    {
        var value = begun;
        IRenderedComponent<Keypad>? pad = null;
        pad = Render<Keypad>(p => p.Add(k => k.Label, "Good").Add(k => k.Value, begun).Add(k => k.Rest, rest).Add(k => k.Decimals, decimals)
            .Add(k => k.ValueChanged, EventCallback.Factory.Create<decimal>(this, v => value = v)));
        return (pad, () => value);
    }

    private static void Press(IRenderedComponent<Keypad> pad, string key) => pad.FindAll("button").First(b => b.TextContent.Trim() == key).Click();
}
