using System.Globalization;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Tests.Jobs;

/// <summary>
/// A small embroidery written as rows: items are cut, then embroidered on M-14 or M-15 by Nomsa and Thabo, then packed at a bench.
/// Nomsa is allocated to M-14 today; Thabo to nothing, so he sees all of the department.
/// </summary>
internal sealed class OperatorFloor(Db db, PlantClock clock)
{
    private int orders;

    public long Cutting { get; private set; }
    public long Embroidery { get; private set; }
    public long Packing { get; private set; }
    public long CutStage { get; private set; }
    public long EmbroiderStage { get; private set; }
    public long PackStage { get; private set; }
    public long M14 { get; private set; }
    public long M15 { get; private set; }
    public long Nomsa { get; private set; }
    public long Thabo { get; private set; }
    public long ThreadBreak { get; private set; }
    public long WrongColour { get; private set; }
    public long Cap { get; private set; }
    public long Customer { get; private set; }

    public Actor AsNomsa => new() { EmployeeId = Nomsa, Name = "Nomsa Dube" };
    public Actor AsThabo => new() { EmployeeId = Thabo, Name = "Thabo Mokoena" };

    public Task<long> InsertAsync(string table, object row) => db.InTransactionAsync(tx => InsertAsync(tx, table, row));

    public Task ExecuteAsync(string sql, object? args = null) => db.InTransactionAsync(async tx => { await tx.ExecuteAsync(sql, args); });

    public async Task<OperatorFloor> PlantAsync(Rights rights, Calendars calendars)
    {
        foreach (var role in SeededRole.All.Where(r => r.Code is SeededRole.Operator or SeededRole.Supervisor))
            if (await db.ScalarAsync<long?>("SELECT id FROM roles WHERE code = @code", new { code = role.Code }) is null)
            {
                var id = await InsertAsync("roles", new { code = role.Code, name = role.Name, name_key = Text.Key(role.Name), seeded = true });
                foreach (var (permission, scope) in role.Permissions)
                    await ExecuteAsync("INSERT INTO role_permissions (role_id, permission, scope) VALUES (@id, @permission, @scope)", new { id, permission, scope = scope.ToString() });
            }
        await ExecuteAsync("DELETE FROM reasons");   // a new plant begins with lists of its own
        Cutting = await DepartmentAsync("Cutting");
        Embroidery = await DepartmentAsync("Embroidery");
        Packing = await DepartmentAsync("Packing");
        CutStage = await StageAsync(Cutting, "Cutting", "Bench");
        EmbroiderStage = await StageAsync(Embroidery, "Embroidery", "Machine");
        PackStage = await StageAsync(Packing, "Packing", "Bench");
        await InsertAsync("shifts", new { name = "All day", days = Shift.AllDays, starts_minute = 0, length_minutes = 1440 });
        M14 = await MachineAsync("M-14", "Tajima 12-head");
        M15 = await MachineAsync("M-15", "Tajima 6-head");
        Nomsa = await EmployeeAsync("1001", "Nomsa", "Dube");
        Thabo = await EmployeeAsync("1002", "Thabo", "Mokoena");
        await InsertAsync("allocations", new { employee_id = Nomsa, machine_id = M14, level = "Primary", from_day = clock.Today });
        ThreadBreak = await InsertAsync("reasons", Reason("Stop", "thread", "Thread break", "thread", 1));
        await InsertAsync("reasons", Reason("Stop", "material", "Material missing", "material", 2));
        await InsertAsync("reasons", Reason("Stop", "coffee", "Break", "coffee", 3));
        WrongColour = await InsertAsync("reasons", Reason("Scrap", "colour", "Wrong colour", "color", 1));
        await InsertAsync("reasons", Reason("Scrap", "stain", "Stain or dirt", "stain", 2));
        Customer = await InsertAsync("customers", new { name = "Corner Shop", name_key = "CORNER SHOP" });
        Cap = await ProductAsync("CAP-6", "Cap 6-panel");
        await InsertAsync("work_instructions", new { product_id = Cap, stage_id = EmbroiderStage, position = 1, text = "Front logo, 12 cm above the seam." });
        await calendars.LoadAsync();
        await rights.LoadAsync();
        return this;
    }

    /// <summary>An order of one item, cut as far as <paramref name="cut"/>, with one job planned for embroidery. Returns the job.</summary>
    public async Task<long> OrderAsync(string number, decimal quantity = 250, decimal? cut = null, long? machine = null, long? product = null, bool anyMachine = false, decimal setup = 0, int startsInHours = 0, long? employee = null, bool locked = false)
    {
        var (now, sequence) = (clock.Now, ++orders);
        var order = await InsertAsync("orders", new { number, number_key = Text.Key(number), customer_id = Customer, due_on = clock.Today.AddDays(3), status = "Scheduled", created_at = now });
        var item = await InsertAsync("order_items", new { order_id = order, line = 1, product_id = product ?? Cap, quantity, status = "Scheduled" });
        var first = await StepAsync(item, 1, CutStage, Cutting, 0);
        var step = await StepAsync(item, 2, EmbroiderStage, Embroidery, setup);
        await StepAsync(item, 3, PackStage, Packing, 0);
        await JobAsync(order, item, first, CutStage, Cutting, null, "Finished", quantity, now.AddHours(-5), good: cut ?? quantity);
        return await JobAsync(order, item, step, EmbroiderStage, Embroidery, anyMachine ? null : machine ?? M14, "Planned", quantity, now.AddHours(startsInHours).AddMinutes(sequence), setup, sequence: sequence, employee: employee, locked: locked);
    }

    public Task<long> StepOfAsync(string order, int position) => db.ScalarAsync<long>(
        "SELECT s.id FROM order_steps s JOIN order_items i ON i.id = s.item_id JOIN orders o ON o.id = i.order_id WHERE o.number = @order AND s.position = @position", new { order, position });

    public Task<long> HoldAsync(long job, string scope, string kind) => db.InTransactionAsync(async tx =>
    {
        var ids = (await tx.ListAsync<(long OrderId, long ItemId, long StepId)>("SELECT order_id, item_id, step_id FROM jobs WHERE id = @job", new { job }))[0];
        return await InsertAsync(tx, "holds", new
        {
            scope, order_id = ids.OrderId, item_id = scope == "Item" ? ids.ItemId : (long?)null, step_id = scope == "Step" ? ids.StepId : (long?)null, job_id = scope == "Job" ? job : (long?)null,
            kind, note = "Thread is not here", stop_now = false, state = "Open", opened_at = clock.Now, opened_by = "Planner",
        });
    });

    public Task<long> ProductAsync(string code, string name) =>
        InsertAsync("products", new { code, code_key = Text.Key(code), name, name_key = Text.Key(name), unit = "pcs", lifecycle = "Active" });

    private Task<long> DepartmentAsync(string name) => InsertAsync("departments", new { code = name[..3].ToUpperInvariant(), code_key = name[..3].ToUpperInvariant(), name, name_key = Text.Key(name), kind = "Branding" });

    private Task<long> StageAsync(long department, string name, string kind) => InsertAsync("stages", new { department_id = department, name, name_key = Text.Key(name), position = 1, kind });

    private async Task<long> MachineAsync(string number, string name)
    {
        var id = await InsertAsync("machines", new { number, number_key = Text.Key(number), name, name_key = Text.Key(name), department_id = Embroidery });
        await ExecuteAsync("INSERT INTO machine_stages (machine_id, stage_id) VALUES (@id, @stage)", new { id, stage = EmbroiderStage });
        return id;
    }

    private async Task<long> EmployeeAsync(string number, string first, string last)
    {
        var id = await InsertAsync("employees", new { number, number_key = number, first_name = first, last_name = last, name_key = Text.Key($"{first} {last}"), department_id = Embroidery, kind = "Operator" });
        await ExecuteAsync("INSERT INTO employee_skills (employee_id, stage_id) VALUES (@id, @stage)", new { id, stage = EmbroiderStage });
        return id;
    }

    private Task<long> StepAsync(long item, int position, long stage, long department, decimal setup) =>
        InsertAsync("order_steps", new { item_id = item, position, stage_id = stage, department_id = department, setup_minutes = setup, run_minutes = 0.25m });

    private Task<long> JobAsync(long order, long item, long step, long stage, long department, long? machine, string status, decimal planned, DateTimeOffset start, decimal setup = 0, decimal good = 0, long sequence = 0, long? employee = null, bool locked = false) =>
        InsertAsync("jobs", new
        {
            order_id = order, item_id = item, step_id = step, product_id = Cap, department_id = department, stage_id = stage, machine_id = machine, employee_id = employee, locked, kind = "Normal", status, planned,
            planned_start = start, planned_end = start.AddHours(4), sequence, setup_minutes = setup, run_minutes = 0.25m, good, released_at = start, created_at = start, finished_at = status == "Finished" ? start : (DateTimeOffset?)null,
        });

    private static object Reason(string list, string code, string word, string icon, int position) =>
        new { list, code, unique_key = $"{list}/0/{Text.Key(code)}", word, icon, position, kpi_class = list == "Stop" ? "Technical" : null };

    private static Task<long> InsertAsync(Tx tx, string table, object row)
    {
        var values = row.GetType().GetProperties().ToDictionary(p => p.Name, p => DbValue.Of(p.GetValue(row)));
        return tx.InsertAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {table} ({string.Join(", ", values.Keys)}) VALUES ({string.Join(", ", values.Keys.Select(k => "@" + k))})"), values);
    }
}
