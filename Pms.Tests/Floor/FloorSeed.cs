using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

/// <summary>
/// A small plant written as rows: cutting and packing, one shift 06–14 and one 22–06 for packing at night where asked,
/// one product whose items are cut, then packed. Times are the plant's (Berlin, winter: UTC+1).
/// </summary>
internal sealed class FloorSeed(Db db, Calendars calendars)
{
    public FloorSeed(TestPms pms) : this(pms.Db, pms.Get<Calendars>()) { }

    public long Cutting { get; private set; }
    public long Packing { get; private set; }
    public long Product { get; private set; }
    public long Order { get; private set; }
    public long Item { get; private set; }
    public long CutStep { get; private set; }
    public long PackStep { get; private set; }
    public long Cutter { get; private set; }
    public long Packer { get; private set; }
    public long Thabo { get; private set; }
    public long DayShift { get; private set; }

    public static DateTimeOffset At(string local) => new(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(1));

    public Task<long> InsertAsync(string table, object row) => db.InTransactionAsync(tx =>
    {
        var values = row.GetType().GetProperties().ToDictionary(p => p.Name, p => DbValue.Of(p.GetValue(row)));
        return tx.InsertAsync($"INSERT INTO {table} ({string.Join(", ", values.Keys)}) VALUES ({string.Join(", ", values.Keys.Select(k => "@" + k))})", values);
    });

    public Task ExecuteAsync(string sql, object? args = null) => db.InTransactionAsync(async tx => { await tx.ExecuteAsync(sql, args); });

    public async Task PlantAsync(int startsMinute = 6 * 60, int length = 8 * 60)
    {
        Cutting = await DepartmentAsync("CUT", 400);
        Packing = await DepartmentAsync("PACK", 300);
        DayShift = await InsertAsync("shifts", new { name = "Early", days = Shift.AllDays, starts_minute = startsMinute, length_minutes = length });
        await calendars.LoadAsync();
        Cutter = await MachineAsync("M-01", Cutting);
        Packer = await MachineAsync("M-02", Packing);
        Product = await InsertAsync("products", new { code = "SHIRT", code_key = "SHIRT", name = "Shirt", name_key = "SHIRT", unit = "pcs", lifecycle = "Active" });
        var customer = await InsertAsync("customers", new { name = "Shop", name_key = "SHOP" });
        Order = await InsertAsync("orders", new { number = "SO260001", number_key = "SO260001", customer_id = customer, due_on = new DateOnly(2026, 1, 9), status = "InProgress", created_at = At("2026-01-02T08:00") });
        Item = await InsertAsync("order_items", new { order_id = Order, line = 1, product_id = Product, quantity = 500m, status = "InProgress" });
        CutStep = await StepAsync(1, Cutting);
        PackStep = await StepAsync(2, Packing);
        Thabo = await EmployeeAsync("Thabo", Cutting);
    }

    public Task<long> DepartmentAsync(string code, decimal target) => InsertAsync("departments", new { code, code_key = code, name = code, name_key = code, kind = "Other", daily_target = target });

    public Task<long> MachineAsync(string number, long department, int slots = 1) => InsertAsync("machines", new { number, number_key = number, name = number, name_key = number, department_id = department, slots });

    public Task<long> EmployeeAsync(string name, long department) =>
        InsertAsync("employees", new { number = name, number_key = name.ToUpperInvariant(), first_name = name, last_name = "M", name_key = name.ToUpperInvariant(), department_id = department, kind = "Operator" });

    public Task<long> JobAsync(long step, long department, long? machine, string status, DateTimeOffset start, DateTimeOffset end, decimal planned = 500, decimal good = 0, string? phase = null, decimal? pri = 0.5m, DateTimeOffset? pausedAt = null) =>
        InsertAsync("jobs", new
        {
            order_id = Order,
            item_id = Item,
            step_id = step,
            product_id = Product,
            department_id = department,
            stage_id = 1,
            machine_id = machine,
            kind = "Normal",
            status,
            phase,
            planned,
            planned_start = start,
            planned_end = end,
            setup_minutes = 0m,
            run_minutes = pri,
            good,
            started_at = status == "Planned" ? (DateTimeOffset?)null : start,
            paused_at = pausedAt,
            operator_id = status == "Planned" ? (long?)null : Thabo,
            created_at = start,
        });

    public Task<long> RunAsync(long machine, long department, long job, string kind, DateTimeOffset from, DateTimeOffset? to, int? slot = 1) =>
        InsertAsync("machine_runs", new { machine_id = machine, department_id = department, slot = kind == "Stop" ? null : slot, job_id = job, kind, started_at = from, ended_at = to, state = to is null ? "Open" : "Closed" });

    public Task<long> ReportAsync(long job, long step, long department, long? machine, DateTimeOffset at, decimal good, decimal scrap = 0, string day = "2026-01-05", decimal? pri = 0.5m) =>
        InsertAsync("job_reports", new { job_id = job, step_id = step, department_id = department, stage_id = 1, machine_id = machine, employee_id = Thabo, at, good, scrap, run_minutes = pri, shift_day = day, shift_id = DayShift });

    public Task<long> PresentAsync(long employee, long department, DateTimeOffset from) =>
        InsertAsync("presences", new { employee_id = employee, department_id = department, started_at = from, state = "Open" });

    private Task<long> StepAsync(int position, long department) => InsertAsync("order_steps", new { item_id = Item, position, stage_id = 1, department_id = department, setup_minutes = 0m, run_minutes = 0.5m });
}
