using Pms.Core.Orders;
using Pms.Core.Planning.Suggestions;

namespace Pms.Tests.Planning.Suggestions;

/// <summary>The score by hand.</summary>
public sealed class ScoringTests
{
    private static readonly ScoreFacts Best = new(true, true, 100, 0, OrderPriority.Urgent, 0);

    [Fact]
    public void The_best_of_all_has_a_hundred_and_the_worst_nothing()
    {
        Assert.Equal((100, new Score(25, 25, 25, 15, 10)), (Scoring.Of(Best).Total, Scoring.Of(Best)));
        Assert.Equal(0, Scoring.Of(new(false, false, 400, 30, OrderPriority.Low, 90)).Total);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(35, 13)]
    [InlineData(70, 25)]
    [InlineData(130, 25)]
    [InlineData(195, 13)]
    [InlineData(200, 12)]
    [InlineData(260, 0)]
    public void Quantity_fits_best_from_70_to_130_percent(int percent, int points) => Assert.Equal(points, Scoring.Of(Best with { FitPercent = percent }).Fit);

    [Theory]
    [InlineData(-4, 25)]
    [InlineData(0, 25)]
    [InlineData(2, 20)]
    [InlineData(10, 0)]
    public void Urgency_falls_with_the_slack_in_working_days(int days, int points) => Assert.Equal(points, Scoring.Of(Best with { SlackDays = days }).Urgency);

    [Fact]
    public void Category_priority_and_set_up_count_in_part()
    {
        Assert.Equal((15, 0), (Scoring.Of(Best with { SameProduct = false }).Product, Scoring.Of(Best with { SameProduct = false, SameCategory = false }).Product));
        Assert.Equal([0, 5, 10, 15], Enum.GetValues<OrderPriority>().Select(p => Scoring.Of(Best with { Priority = p }).Priority));
        Assert.Equal((8, 5, 0), (Scoring.Of(Best with { SetupMinutes = 12 }).Setup, Scoring.Of(Best with { SetupMinutes = 30 }).Setup, Scoring.Of(Best with { SetupMinutes = 75 }).Setup));
    }
}
