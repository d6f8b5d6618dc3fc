using System.Globalization;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Jobs;
using Pms.Web.Jobs;
using Pms.Web.Shared;

namespace Pms.Tests.Jobs;

/// <summary>The card and the counting sheet by themselves: which actions a state offers, and what a count still has to say.</summary>
public sealed class OperatorPartsTests : BunitContext
{
    private const long Me = 7;
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    public OperatorPartsTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-GB");
        var time = new FakeTimeProvider(Now);
        var plant = new PlantClock(time, TimeZoneInfo.FindSystemTimeZoneById("Africa/Johannesburg"));
        Services.AddLocalization().AddSingleton<TimeProvider>(time).AddSingleton(plant).AddSingleton(new ClockOrigin(time)).AddSingleton<JobWords>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    private static OperatorJob Job => new()
    {
        Id = 1, OrderNumber = "SO260117", ProductCode = "CAP-6", ProductName = "Cap 6-panel", Unit = "pcs", Stage = "Embroidery", MachineNumber = "M-14", Planned = 250, Good = 164, Scrap = 2, RunMinutes = 0.25m,
        Status = JobStatus.Running, Phase = JobPhase.Run, OperatorId = Me, Operator = "Nomsa Dube", OpenSince = Now.AddMinutes(-42), DueOn = new DateOnly(2026, 11, 26), PlannedEnd = Now.AddHours(1),
        Readiness = new Readiness(ReadinessKind.Ready, null, 250),
    };

    public static TheoryData<JobStatus, JobPhase?, long, string> Offered => new()
    {
        { JobStatus.Planned, null, 0, "Start" },
        { JobStatus.Running, JobPhase.Setup, Me, "Running now|Report pieces|Pause|Finish" },
        { JobStatus.Running, JobPhase.Run, Me, "Report pieces|Pause|Finish" },
        { JobStatus.Running, JobPhase.Run, 8, "Take over" },
        { JobStatus.Paused, JobPhase.Run, Me, "Resume|Why did it stop?|Report|Finish" },
        { JobStatus.Paused, JobPhase.Run, 8, "Resume|Report|Finish" },
    };

    [Theory, MemberData(nameof(Offered))]
    public void A_card_offers_what_makes_sense_now(JobStatus status, JobPhase? phase, long operatorId, string actions)
    {
        var card = Render<JobCard>(p => p.Add(c => c.Job, Job with { Status = status, Phase = phase, OperatorId = operatorId == 0 ? null : operatorId }).Add(c => c.Me, Me).Add(c => c.Now, Now));
        Assert.Equal(actions.Split('|'), card.FindAll(".btn-big").Select(b => b.TextContent.Trim()));
    }

    [Fact]
    public void A_running_card_says_the_count_the_scrap_and_the_rate()
    {
        var card = Render<JobCard>(p => p.Add(c => c.Job, Job).Add(c => c.Me, Me).Add(c => c.Now, Now));
        Assert.Contains("164 / 250", card.Markup, StringComparison.Ordinal);
        Assert.Contains("2 scrap · 99 % of rate", card.Markup, StringComparison.Ordinal);   // 166 × 0.25 min in 42 min
    }

    [Fact]
    public void Scrap_asks_why_before_it_is_sent()
    {
        var state = new SheetState { Kind = SheetKind.Report, JobId = 1, Good = 40, Scrap = 2 };
        var sent = 0;
        var sheet = Sheet(state, _ => sent++);
        sheet.Find(".sticky .btn-big").Click();
        Assert.Equal(0, sent);
        sheet.Find(".reasons .btn").Click();
        Assert.Equal((1, 5L), (sent, state.ScrapReasonId));
    }

    [Theory]
    [InlineData(0, ShortAnswer.MoreToCome)]
    [InlineData(1, ShortAnswer.RestLater)]
    [InlineData(2, ShortAnswer.ThatIsAll)]
    public void A_finish_below_plan_asks_what_becomes_of_the_rest(int tile, ShortAnswer expected)
    {
        ShortAnswer? answer = null;
        var sheet = Sheet(new SheetState { Kind = SheetKind.Finish, JobId = 1, Good = 10 }, a => answer = a);
        sheet.Find(".sticky .btn-big").Click();
        Assert.Contains("76 of 250 are missing", sheet.Markup, StringComparison.Ordinal);
        sheet.FindAll(".stack-12 .btn-big")[tile].Click();
        Assert.Equal(expected, answer);
    }

    [Fact]
    public void A_finish_with_the_rest_asks_nothing()
    {
        var (sent, answer) = (0, (ShortAnswer?)ShortAnswer.ThatIsAll);
        var sheet = Sheet(new SheetState { Kind = SheetKind.Finish, JobId = 1 }, a => (sent, answer) = (sent + 1, a));
        sheet.FindAll(".keys .quick")[2].Click();
        sheet.Find(".sticky .btn-big").Click();
        Assert.Equal((1, null), (sent, answer));
    }

    private IRenderedComponent<CountSheet> Sheet(SheetState state, Action<ShortAnswer?> submit) => Render<CountSheet>(p => p
        .Add(c => c.Job, Job).Add(c => c.State, state).Add(c => c.Title, "Count").Add(c => c.ScrapReasons, [new ReasonTiles.Reason(5, "Wrong colour")]).Add(c => c.OnSubmit, submit));
}
