using Pms.Core.Data;
using Pms.Core.Demo.Plant;
using Pms.Core.Identity;

namespace Pms.Core.Demo;

/// <summary>Writes the demo plant's master data and accounts in bulk, into an empty database only. The one exception to "one repository writes a table".</summary>
public sealed class DemoMasterRepository
{
    internal async Task WriteAsync(Tx tx, DemoPlant plant, string passwordHash, string pinHash, IReadOnlyDictionary<long, DemoPictures.Kept> pictures)
    {
        await FloorAsync(tx, plant);
        await PeopleAsync(tx, plant, pinHash);
        await tx.BulkAsync("INSERT INTO meter_readings (machine_id, at, kind, value, is_reset, reason, by_whom) VALUES (@MachineId, @At, @Kind, @Value, @IsReset, @Reason, @ByWhom)", PlantMeters.Of(plant));
        await CatalogueAsync(tx, plant.Catalogue);
        await tx.BulkAsync(
            """
            INSERT INTO files (entity, entity_id, role, name, kind, hash, size, width, height, owner, at)
            VALUES ('product', @Id, 'Photo', @Name, 'image/jpeg', @Hash, @Size, 320, 320, 'Demo', @Now)
            """, plant.Catalogue.Products.Select(p => new { p.Id, Name = p.Code + ".jpg", pictures[p.Id].Hash, Size = (long)pictures[p.Id].Size, plant.Now }));
        await AccountsAsync(tx, plant, passwordHash);
    }

    private static async Task FloorAsync(Tx tx, DemoPlant plant)
    {
        var floor = plant.Floor;
        await tx.BulkAsync(
            """
            INSERT INTO departments (id, code, code_key, name, name_key, kind, manager_user_id, daily_target, weekly_target, monthly_target, capacity_per_day, position)
            VALUES (@Id, @Code, @CodeKey, @Name, @NameKey, @Kind, @Manager, @Daily, @Weekly, @Monthly, @Capacity, @Position)
            """,
            floor.Departments.Select(d => new
            {
                d.Id, d.Code, CodeKey = Text.Key(d.Code), d.Name, NameKey = Text.Key(d.Name), d.Kind, Manager = 2L, Daily = (decimal)d.DailyTarget, Weekly = d.DailyTarget * 5.4m,
                Monthly = d.DailyTarget * 22m, Capacity = d.DailyTarget * 1.25m, Position = (int)d.Id,
            }));
        await tx.BulkAsync(
            """
            INSERT INTO stages (id, department_id, name, name_key, position, kind, run_minutes, setup_minutes, checks, transfer_quantity)
            VALUES (@Id, @DepartmentId, @Name, @NameKey, @Position, @Kind, @RunMinutes, @SetupMinutes, @Checks, @Transfer)
            """,
            floor.Stages.Select(s => new { s.Id, s.DepartmentId, s.Name, NameKey = Text.Key(s.Name), s.Position, s.Kind, s.RunMinutes, SetupMinutes = (decimal)s.SetupMinutes, s.Checks, Transfer = (decimal?)s.Transfer }));
        await tx.BulkAsync("INSERT INTO shifts (id, department_id, name, days, starts_minute, length_minutes) VALUES (@Id, @DepartmentId, @Name, @Days, @StartsMinute, @LengthMinutes)", plant.Hours.Shifts);
        await tx.BulkAsync("INSERT INTO shift_breaks (shift_id, after_minutes, length_minutes) VALUES (@ShiftId, @AfterMinutes, @LengthMinutes)", plant.Hours.Shifts.SelectMany(s => s.Breaks));
        await ExtraShiftsAsync(tx, plant.Hours.Exceptions);
        await tx.BulkAsync("INSERT INTO work_centres (id, department_id, code, code_key, name) VALUES (@Id, @DepartmentId, @Code, @CodeKey, @Name)",
            floor.WorkCentres.Select(c => new { c.Id, c.DepartmentId, c.Code, CodeKey = Text.Key(c.Code), c.Name }));
        await tx.BulkAsync(
            """
            INSERT INTO machines (id, number, number_key, name, name_key, department_id, work_centre_id, type, manufacturer, model, serial, purchased_on, speed_factor, slots, unattended)
            VALUES (@Id, @Number, @NumberKey, @Name, @NameKey, @DepartmentId, @WorkCentreId, @Type, @Manufacturer, @Model, @Serial, @PurchasedOn, @Speed, @Slots, @Unattended)
            """,
            floor.Machines.Select(m => new
            {
                m.Id, m.Number, NumberKey = Text.Key(m.Number), m.Name, NameKey = Text.Key(m.Name), m.DepartmentId, m.WorkCentreId, m.Type, m.Manufacturer, m.Model, m.Serial, m.PurchasedOn, m.Speed, m.Slots, m.Unattended,
            }));
        await tx.BulkAsync("INSERT INTO machine_stages (machine_id, stage_id) VALUES (@Id, @Stage)", floor.Machines.SelectMany(m => m.Stages.Select(s => new { m.Id, Stage = s })));
        // The demo's own lists stand in for those every new plant begins with.
        await tx.ExecuteAsync("DELETE FROM reasons");
        await tx.BulkAsync(
            """
            INSERT INTO reasons (id, list, department_id, code, word, icon, position, kpi_class, opens_ticket, ends_labour)
            VALUES (@Id, @List, @DepartmentId, @Code, @Word, @Icon, @Position, @KpiClass, @OpensTicket, @EndsLabour)
            """, floor.Reasons);
    }

    /// <summary>Days that differ from the pattern; those without an id get the next one.</summary>
    internal static async Task ExtraShiftsAsync(Tx tx, IEnumerable<Departments.CalendarException> extras)
    {
        await tx.BulkAsync(
            """
            INSERT INTO calendar_exceptions (id, department_id, on_day, kind, starts_minute, length_minutes, reason)
            VALUES (@Id, @DepartmentId, @OnDay, @Kind, @StartsMinute, @LengthMinutes, @Reason)
            """, extras.Select(e => new { Id = e.Id == 0 ? (long?)null : e.Id, e.DepartmentId, e.OnDay, e.Kind, e.StartsMinute, e.LengthMinutes, e.Reason }));
    }

    private static async Task PeopleAsync(Tx tx, DemoPlant plant, string pinHash)
    {
        var people = plant.People;
        await tx.BulkAsync(
            """
            INSERT INTO employees (id, number, number_key, first_name, last_name, name_key, department_id, position, kind, email, slots, hired_on)
            VALUES (@Id, @Number, @NumberKey, @FirstName, @LastName, @NameKey, @DepartmentId, @Position, @Kind, @Email, @Slots, @HiredOn)
            """,
            people.All.Select(p => new { p.Id, p.Number, NumberKey = Text.Key(p.Number), p.FirstName, p.LastName, NameKey = Text.Key($"{p.LastName} {p.FirstName}"), p.DepartmentId, p.Position, p.Kind,
                Email = (string?)null, p.Slots, p.HiredOn }));
        await tx.BulkAsync("INSERT INTO employee_credentials (employee_id, pin_hash, pin_set_at, badge_hash, badge_issued_at) VALUES (@Id, @pinHash, @Now, @Badge, @Now)",
            people.All.Select(p => new { p.Id, pinHash, plant.Now, Badge = DemoAccounts.BadgeHash(p.Number) }));
        await tx.BulkAsync("INSERT INTO employee_skills (employee_id, stage_id, expires_on) VALUES (@Id, @Stage, @Expires)",
            people.All.Where(p => p.Id % 11 == 5 && !p.Stages.Contains(PlantFloor.LaserCut)).Select(p => new { p.Id, Stage = PlantFloor.LaserCut, Expires = (DateOnly?)plant.Clock.DateOf(plant.Now).AddDays(-(int)p.Id) })
                .Concat(people.All.SelectMany(p => p.Stages.Select(s => new { p.Id, Stage = s, Expires = p.Id % 9 == 4 ? plant.Clock.DateOf(plant.Now).AddDays((int)(p.Id * 3)) : (DateOnly?)null }))));
        await tx.BulkAsync("INSERT INTO employee_departments (employee_id, department_id) VALUES (@Id, @DepartmentId)",
            people.All.Where(p => p.Kind == "Supervisor").SelectMany(p => Also(p.DepartmentId).Select(d => new { p.Id, DepartmentId = d })));
        await tx.BulkAsync("INSERT INTO absences (employee_id, starts_at, ends_at, kind) VALUES (@EmployeeId, @From, @To, @Kind)",
            people.Absences.Select(a => new { a.EmployeeId, From = plant.Clock.At(a.From, 0), To = plant.Clock.At(a.To, 24 * 60), a.Kind }));
        var since = plant.Clock.DateOf(plant.Now).AddDays(-120);
        await tx.BulkAsync("INSERT INTO allocations (employee_id, machine_id, level, shift_id, from_day) VALUES (@EmployeeId, @MachineId, @Level, @ShiftId, @since)",
            people.Allocations(PlantHours.ShiftOf).Select(a => new { a.EmployeeId, a.MachineId, a.Level, a.ShiftId, since }));
    }

    /// <summary>Five shift leads for six departments; the one of Cutting looks after Embroidery too.</summary>
    private static long[] Also(long department) => department switch { PlantFloor.Cutting => [PlantFloor.Embroidery], PlantFloor.Packing => [PlantFloor.Sewing], _ => [] };

    /// <summary>What is not made yet, and what is not made any more.</summary>
    private static readonly (string Code, string Name, string Lifecycle)[] Shelf =
        [("EG-901", "Rain cape, back logo", "Draft"), ("EB-901", "Knitted headband, crest", "Draft"), ("ST-801", "Mesh vest, one colour", "Retired"), ("SB-801", "Paper shopper, two colours", "Retired")];

    private static async Task CatalogueAsync(Tx tx, PlantCatalogue catalogue)
    {
        await tx.BulkAsync("INSERT INTO categories (id, parent_id, name, name_key) VALUES (@Id, @ParentId, @Name, @Key)", catalogue.Categories.Select(c => new { c.Id, c.ParentId, c.Name, Key = Text.Key(c.Name) }));
        await tx.BulkAsync(
            """
            INSERT INTO products (id, code, code_key, name, name_key, category_id, unit, decimals, lifecycle)
            VALUES (@Id, @Code, @CodeKey, @Name, @NameKey, @CategoryId, 'pcs', 0, @Lifecycle)
            """, catalogue.Products.Select(p => new { p.Id, p.Code, CodeKey = Text.Key(p.Code), p.Name, NameKey = Text.Key(p.Name), p.CategoryId, Lifecycle = "Active" })
                .Concat(Shelf.Select((s, i) => new { Id = 1_000L + i, s.Code, CodeKey = Text.Key(s.Code), s.Name, NameKey = Text.Key(s.Name), CategoryId = catalogue.Products[i].CategoryId, s.Lifecycle })));
        await tx.BulkAsync("INSERT INTO product_specifications (product_id, position, name, value, unit) VALUES (@Product, @Position, @Name, @Value, @Unit)",
            catalogue.Products.SelectMany(p => p.Specifications.Select((s, i) => new { Product = p.Id, Position = i + 1, s.Name, s.Value, s.Unit })));
        await tx.BulkAsync("INSERT INTO product_variants (id, product_id, size, colour, position) VALUES (@Id, @Product, @Size, @Colour, @Position)",
            catalogue.Products.SelectMany(p => p.Variants.Select(v => new { v.Id, Product = p.Id, v.Size, v.Colour, v.Position })));
        await tx.BulkAsync(
            "INSERT INTO product_steps (product_id, position, stage_id, setup_minutes, run_minutes, scrap_share) VALUES (@Product, @Position, @Stage, @Setup, @RunMinutes, @ScrapShare)",
            catalogue.Products.SelectMany(p => p.Steps.Select(s => new { Product = p.Id, s.Position, Stage = s.Stage.Id, Setup = (decimal)s.SetupMinutes, s.RunMinutes, s.ScrapShare })));
        await tx.BulkAsync("INSERT INTO work_instructions (product_id, stage_id, position, text) VALUES (@Product, @StageId, @Position, @Text)",
            catalogue.Products.SelectMany(p => p.Instructions.Select((s, i) => new { Product = p.Id, s.StageId, Position = i + 1, s.Text })));
        await tx.BulkAsync("INSERT INTO customers (id, name, name_key) VALUES (@Id, @Name, @Key)", catalogue.Customers.Select(c => new { c.Id, c.Name, Key = Text.Key(c.Name) }));
    }

    private static async Task AccountsAsync(Tx tx, DemoPlant plant, string passwordHash)
    {
        var roles = (await tx.ListAsync<(long Id, string Code)>("SELECT id, code FROM roles")).ToDictionary(r => r.Code, r => r.Id);
        foreach (var role in SeededRole.All.Where(r => !roles.ContainsKey(r.Code)))
        {
            roles[role.Code] = await tx.InsertAsync("INSERT INTO roles (code, name, name_key, seeded) VALUES (@Code, @Name, @Key, 1)", new { role.Code, role.Name, Key = Text.Key(role.Name) });
            await tx.BulkAsync("INSERT INTO role_permissions (role_id, permission, scope) VALUES (@Role, @Permission, @Scope)",
                role.Permissions.Select(p => new { Role = roles[role.Code], Permission = p.Key, Scope = p.Value }));
        }
        var people = plant.People;
        long? Employee(string role) => role switch
        {
            SeededRole.DepartmentManager => people.FirstOf("Manager").Id,
            SeededRole.Supervisor => people.FirstOf("Supervisor").Id,
            SeededRole.Planner => people.FirstOf("Planner").Id,
            SeededRole.Operator => people.FirstOf("Operator", PlantFloor.Print).Id,
            SeededRole.QcCoordinator => people.FirstOf("Qc").Id,
            SeededRole.Technician => people.FirstOf("Technician").Id,
            _ => null,
        };
        var users = DemoAccounts.Users.Select((a, i) => (Id: i + 1L, Account: a, Person: Employee(a.Role) is { } e ? people.All[(int)e - 1] : null)).ToList();
        await tx.BulkAsync(
            """
            INSERT INTO users (id, user_name, user_name_key, display_name, password_hash, employee_id, created_at)
            VALUES (@Id, @UserName, @Key, @Shown, @passwordHash, @EmployeeId, @Now)
            """,
            users.Select(u => new { u.Id, u.Account.UserName, Key = Text.Key(u.Account.UserName), Shown = u.Person?.Name ?? SeededRole.All.First(r => r.Code == u.Account.Role).Name, passwordHash, EmployeeId = u.Person?.Id, plant.Now }));
        await tx.BulkAsync("INSERT INTO user_roles (user_id, role_id) VALUES (@Id, @Role)", users.Select(u => new { u.Id, Role = roles[u.Account.Role] }));
        await tx.BulkAsync("INSERT INTO user_departments (user_id, department_id) VALUES (@User, @Department)",
            users.Where(u => u.Account.Role is SeededRole.Warehouse).Select(u => new { User = u.Id, Department = PlantFloor.Packing }));
    }
}
