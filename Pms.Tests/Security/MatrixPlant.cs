using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Tests.Security;

/// <summary>What a command can be aimed at in one department: one row of each kind, by id.</summary>
internal sealed record Place(string Number, long Department, long Stage, long WorkCentre, long Machine, long Employee, long Order, long Item, long Step, long Job, long Report, long Work, long Stop, long Hold, long Ticket, long Allocation,
    long Window, long Absence, long Shift, long Exception, long Reason, long Board, long File);

/// <summary>Two departments with one of everything each, and of every role one person who belongs to the first.</summary>
internal sealed class MatrixPlant(Db db, DateTimeOffset now)
{
    /// <summary>A file of people that waits to be applied; the only one.</summary>
    public const long Import = 1;

    private long customer, product;

    public Place Own { get; private set; } = null!;
    public Place Other { get; private set; } = null!;

    /// <summary>By role code; "none" holds no role at all.</summary>
    public Dictionary<string, Actor> People { get; } = [];

    public async Task<MatrixPlant> MakeAsync(Rights rights, Calendars calendars)
    {
        customer = await InsertAsync("INSERT INTO customers (name, name_key) VALUES ('Blue Gum Outfitters', 'BLUE GUM OUTFITTERS')");
        product = await InsertAsync("INSERT INTO products (code, code_key, name, name_key, unit, lifecycle) VALUES ('CAP-6', 'CAP-6', 'Cap', 'CAP', 'pcs', 'Active')");
        (Own, Other) = (await PlaceAsync("EMB", 1), await PlaceAsync("PRT", 2));
        var roles = await db.ListAsync<(long Id, string Code)>("SELECT id, code FROM roles");
        foreach (var (id, code) in roles.Append((0, "none")))
        {
            var employee = await EmployeeAsync("R-" + code, Own.Department);
            var user = await InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, employee_id, active, created_at) VALUES (@code, @code, @code, @employee, 1, 0)", new { code, employee });
            if (id > 0)
                await ExecuteAsync("INSERT INTO user_roles (user_id, role_id) VALUES (@user, @id)", new { user, id });
            People[code] = new Actor { Name = code, UserId = user, EmployeeId = employee };
        }
        await InsertAsync("INSERT INTO imports (entity, status, owner, by_whom, actor, file_name, file_hash, size, layout, shape, mapping, at, changed_at) VALUES ('employee', 'Ready', 'chief', 'u:0', '{}', 'people.csv', 'none', 1, 'none', '{}', '{}', 0, 0)");
        await rights.LoadAsync();
        await calendars.LoadAsync();
        return this;
    }

    /// <summary>One more department with one of everything; the calendars must be read anew.</summary>
    public async Task<Place> PlaceAsync(string code, int number)
    {
        var day = DbValue.Of(DateOnly.FromDateTime(now.UtcDateTime));
        var department = await InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES (@code, @code, @code, @code, 'Branding')", new { code });
        var stage = await InsertAsync("INSERT INTO stages (department_id, name, name_key, position, kind) VALUES (@department, 'Run', 'RUN', 1, 'Machine')", new { department });
        var centre = await InsertAsync("INSERT INTO work_centres (department_id, code, code_key, name) VALUES (@department, @code, @code, 'Line')", new { department, code });
        var machine = await InsertAsync("INSERT INTO machines (number, number_key, name, name_key, department_id) VALUES (@code, @code, 'Head', 'HEAD', @department)", new { code, department });
        await ExecuteAsync("INSERT INTO machine_stages (machine_id, stage_id) VALUES (@machine, @stage)", new { machine, stage });
        var employee = await EmployeeAsync("E-" + code, department);
        var order = await InsertAsync("INSERT INTO orders (number, number_key, customer_id, due_on, status, created_at) VALUES (@code, @code, @customer, '2026-01-20', 'Scheduled', 0)", new { code, customer });
        var item = await InsertAsync("INSERT INTO order_items (order_id, line, product_id, quantity, status) VALUES (@order, 1, @product, 100000000, 'Scheduled')", new { order, product });
        var step = await InsertAsync("INSERT INTO order_steps (item_id, position, stage_id, department_id, setup_minutes) VALUES (@item, 1, @stage, @department, 0)", new { item, stage, department });
        var job = await InsertAsync(
            """
            INSERT INTO jobs (order_id, item_id, step_id, product_id, department_id, stage_id, machine_id, kind, status, planned, planned_start, planned_end, setup_minutes, created_at)
            VALUES (@order, @item, @step, @product, @department, @stage, @machine, 'Normal', 'Planned', 100000000, @now, @now, 0, 0)
            """, new { order, item, step, product, department, stage, machine, now });
        var report = await InsertAsync("INSERT INTO job_reports (job_id, step_id, department_id, stage_id, at, shift_day, good) VALUES (@job, @step, @department, @stage, @now, @day, 0)", new { job, step, department, stage, now, day });
        var work = await InsertAsync("INSERT INTO work_times (employee_id, department_id, job_id, kind, started_at, ended_at, state) VALUES (@employee, @department, @job, 'Run', @from, @now, 'ToConfirm')",
            new { employee, department, job, from = now.AddHours(-1), now });
        var stop = await InsertAsync("INSERT INTO machine_runs (machine_id, department_id, job_id, kind, started_at, ended_at, state) VALUES (@machine, @department, @job, 'Stop', @from, @now, 'Closed')", new { machine, department, job, from = now.AddHours(-1), now });
        var hold = await InsertAsync("INSERT INTO holds (scope, order_id, job_id, kind, note, stop_now, state, opened_at, opened_by) VALUES ('Job', @order, @job, 'Material', 'No thread', 0, 'Open', @now, 'Planner')", new { order, job, now });
        var ticket = await InsertAsync("INSERT INTO maintenance_tickets (number, machine_id, department_id, description, severity, stands, status, reported_by, opened_at) VALUES (@ticket, @machine, @department, 'Noise', 'Low', 0, 'Open', 'Ann', @now)",
            new { ticket = "MT-" + code, machine, department, now });
        var allocation = await InsertAsync("INSERT INTO allocations (employee_id, machine_id, level, from_day) VALUES (@employee, @machine, 'Primary', @day)", new { employee, machine, day });
        var window = await InsertAsync("INSERT INTO machine_windows (machine_id, kind, starts_at, ends_at, reason) VALUES (@machine, 'Planned', @from, @until, 'Service')", new { machine, from = now.AddDays(1), until = now.AddDays(2) });
        var absence = await InsertAsync("INSERT INTO absences (employee_id, starts_at, ends_at, kind) VALUES (@employee, @now, @until, 'Sick')", new { employee, now, until = now.AddDays(1) });
        var shift = await InsertAsync("INSERT INTO shifts (department_id, name, days, starts_minute, length_minutes) VALUES (@department, 'Early', 127, 360, 480)", new { department });
        var exception = await InsertAsync("INSERT INTO calendar_exceptions (department_id, on_day, kind, reason) VALUES (@department, '2026-12-25', 'Closed', 'Holiday')", new { department });
        var reason = await InsertAsync("INSERT INTO reasons (list, department_id, code, unique_key, word, icon, position, kpi_class) VALUES ('Stop', @department, 'T', @key, 'Thread', 'thread', 1, 'Technical')", new { department, key = $"Stop/{department}/T" });
        var board = await InsertAsync("INSERT INTO wall_boards (name, department_id, token_hash, show_names, created_at, created_by) VALUES ('Hall', @department, @hash, 0, @now, 'Ann')", new { department, hash = $"hash{number}", now });
        var file = await InsertAsync("INSERT INTO files (entity, entity_id, role, name, kind, hash, size, owner, at) VALUES ('machine', @machine, 'Document', 'plan.pdf', 'application/pdf', 'none', 1, 'Ann', @now)", new { machine, now });
        return new(code, department, stage, centre, machine, employee, order, item, step, job, report, work, stop, hold, ticket, allocation, window, absence, shift, exception, reason, board, file);
    }

    private Task<long> EmployeeAsync(string number, long department) => InsertAsync(
        "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES (@number, @key, 'Lindiwe', @number, @key, @department, 'Operator')", new { number, key = Text.Key(number), department });

    private Task<long> InsertAsync(string sql, object? args = null) => db.InTransactionAsync(tx => tx.InsertAsync(sql, args ?? new { }));

    private Task ExecuteAsync(string sql, object args) => db.InTransactionAsync(async tx => { await tx.ExecuteAsync(sql, args); });
}
