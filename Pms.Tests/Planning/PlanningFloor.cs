using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Planning;

/// <summary>Orders that nobody planned yet, on the plant of <see cref="JobFloor"/>, and a planner who may not exceed anything.</summary>
internal static class PlanningFloor
{
    private const long PlannersId = 30;
    public static readonly Actor Pam = JobFloor.Operator(PlannersId, "Pam Pillay");

    /// <summary>Tuesday, 06:00 on the plant's wall.</summary>
    public static readonly DateTimeOffset Tuesday = TestPms.Start.AddDays(1).AddHours(-1);

    public static async Task PlannerAsync(this JobFloor floor)
    {
        await floor.Db.InTransactionAsync(tx => tx.ExecuteAsync(
            "INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@PlannersId, 'E030', 'E030', 'Pam', 'Pillay', 'PILLAY', 1, 'Planner')", new { PlannersId }));
        await floor.Pms.Get<Rights>().LoadAsync();
    }

    /// <summary>An order of one item, half a minute a piece at each of its stages; answers its id.</summary>
    public static async Task<long> NeedAsync(this JobFloor floor, decimal quantity = 100, DateOnly? due = null, OrderPriority priority = OrderPriority.Normal, decimal setup = 0, long product = 1, params long[] stages)
    {
        var number = "SP" + Guid.NewGuid().ToString("N")[..8].ToUpperInvariant();
        return await floor.Db.InTransactionAsync(async tx =>
        {
            var order = await tx.InsertAsync("INSERT INTO orders (number, number_key, customer_id, due_on, priority, status, created_at) VALUES (@number, @number, 1, @due, @priority, 'Unscheduled', 0)",
                new { number, due = due ?? new DateOnly(2026, 1, 20), priority = (int)priority });
            var item = await tx.InsertAsync("INSERT INTO order_items (order_id, line, product_id, quantity, status) VALUES (@order, 10, @product, @quantity, 'Unscheduled')", new { order, product, quantity });
            var position = 0;
            foreach (var stage in stages.Length == 0 ? [JobFloor.Cut, JobFloor.Sew, JobFloor.Pack] : stages)
                tx.Add("INSERT INTO order_steps (item_id, position, stage_id, department_id, setup_minutes, run_minutes) VALUES (@item, @position, @stage, 1, @setup, @run)", new { item, position = ++position, stage, setup, run = 0.5m });
            return order;
        });
    }

    public static Task<long> ItemOfAsync(this JobFloor floor, long order) => floor.Db.ScalarAsync<long>("SELECT id FROM order_items WHERE order_id = @order", new { order })!;

    public static Task<long> StepOfAsync(this JobFloor floor, long order, long stage) =>
        floor.Db.ScalarAsync<long>("SELECT s.id FROM order_steps s JOIN order_items i ON i.id = s.item_id WHERE i.order_id = @order AND s.stage_id = @stage", new { order, stage })!;

    public static async Task<OpenItem> OpenAsync(this JobFloor floor, long order) => (await floor.Pms.Get<OpenItemQueries>().OfAsync([order]))[0];

    /// <summary>Only these machines are left in service.</summary>
    public static Task OnlyMachinesAsync(this JobFloor floor, params long[] machines) => floor.Db.InTransactionAsync(tx => tx.ExecuteAsync("UPDATE machines SET retired_at = 1 WHERE id NOT IN @machines", new { machines }));

    public static Task ExecuteAsync(this JobFloor floor, string sql, object? args = null) => floor.Db.InTransactionAsync(tx => tx.ExecuteAsync(sql, args));
}
