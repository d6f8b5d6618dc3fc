using Pms.Core.Orders;

namespace Pms.Tests.Orders;

public sealed class ItemFlowTests
{
    [Fact]
    public void Each_step_must_put_out_what_the_next_one_takes_in()
    {
        // 1 000 labels, 8 to a sheet, 5 % lost in cutting apart: ceil(1000 / 8 / 0.95) = ceil(131.58) = 132 sheets.
        var flow = new ItemFlow(1000, [Step(1), Step(2) with { Factor = 8, ScrapShare = 0.05m }]);

        Assert.Equal((132m, 1000m), (flow.RequiredOutput(1), flow.RequiredOutput(2)));
    }

    [Fact]
    public void Need_is_what_neither_is_made_nor_planned()
    {
        var flow = new ItemFlow(100, [Step(1) with { Good = 30, LaterRejects = 5, OpenRest = 40 }]);

        Assert.Equal(35, flow.Need(1));
        Assert.False(flow.IsPlanned);
    }

    [Fact]
    public void A_finished_job_does_not_complete_a_step_but_its_pieces_do()
    {
        Assert.False(new ItemFlow(100, [Step(1) with { Good = 99 }]).IsComplete(1));
        Assert.True(new ItemFlow(100, [Step(1) with { Good = 100 }]).IsComplete(1));
        Assert.True(new ItemFlow(100, [Step(1) with { Good = 60, AcceptedShort = true }]).IsDone);
        Assert.False(new ItemFlow(100, [Step(1) with { Good = 100, OpenJobs = 1 }]).IsDone);
    }

    [Fact]
    public void A_step_finds_what_its_predecessors_put_out_less_what_it_used()
    {
        var flow = new ItemFlow(100, [Step(1) with { Good = 50, LaterRejects = 2 }, Step(2) with { Good = 20, Scrap = 3, Rework = 1 }]);

        Assert.Null(flow.Available(1));
        Assert.Equal(24, flow.Available(2));
    }

    [Fact]
    public void The_scarcest_of_parallel_predecessors_counts_and_parallel_steps_share_theirs()
    {
        var flow = new ItemFlow(100, [Step(1) with { Good = 80 }, Step(2) with { Good = 70 }, Step(3) with { Parallel = true, Good = 10 }, Step(4)]);

        Assert.Equal(80 - 10, flow.Available(3));
        Assert.Equal(10, flow.Available(4));
        Assert.Equal(3, flow.WaitsFor(4)!.Id);
    }

    [Fact]
    public void An_optional_step_that_made_nothing_is_passed_over()
    {
        var flow = new ItemFlow(100, [Step(1) with { Good = 40 }, Step(2) with { Required = false }, Step(3)]);

        Assert.Equal(40, flow.Available(3));
    }

    private static FlowStep Step(long id) => new() { Id = id, Position = (int)id, Required = true };
}
