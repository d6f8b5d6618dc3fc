using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Pms.Core;
using Pms.Core.Compliance;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Employees;
using Pms.Core.Files;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.Users;
using Pms.Core.Imports;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Machines;
using Pms.Core.OrderBooks;
using Pms.Core.Orders;
using Pms.Core.Orders.Goods;
using Pms.Core.Planning.Releases;
using Pms.Core.Planning.Suggestions;
using Pms.Core.Products;
using Pms.Core.Settings;
using Pms.Tests.Data;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

public sealed class FaultyCommandTests_on_SQLite() : FaultyCommandTests(Engine.Sqlite);

public sealed class FaultyCommandTests_on_MariaDB() : FaultyCommandTests(Engine.MySql);

/// <summary>
/// Every command of the permission matrix that <see cref="FaultyCallTests"/> doesn't have, without a key: its n-th call to the database fails, for every n, and it is
/// stored whole or not at all; where nothing is stored the same again does it. On a wire the answer to the COMMIT is lost besides.
/// </summary>
public abstract class FaultyCommandTests(Engine engine)
{
    private const int MostCalls = 60;
    private static readonly DateOnly Day = new(2026, 1, 5);

    /// <summary>What is there before, and the call with the id of it where the matrix's own would be refused.</summary>
    private sealed record Case(Func<TestPms, Place, Task<long>> Before, Func<TestPms, Actor, Place, long, Task>? Act = null);

    private static readonly Dictionary<string, Case> Prepared = new()
    {
        ["ApiKeyService.CreateAsync"] = new(Nothing, (s, _, _, _) => KeyAsync(s)),
        ["ApiKeyService.RevokeAsync"] = new(async (s, _) => await KeyAsync(s), (s, a, _, id) => s.Get<ApiKeyService>().RevokeAsync(a, id)),
        ["ApiKeyService.RestoreAsync"] = new(async (s, _) => { var id = await KeyAsync(s); await s.Get<ApiKeyService>().RevokeAsync(TestPms.System, id); return id; }, (s, a, _, id) => s.Get<ApiKeyService>().RestoreAsync(a, id)),
        ["FieldPermissionService.SaveAsync"] = new((s, p) => s.Get<RoleService>().SaveAsync(TestPms.System, new SaveRole { Name = "R" + p.Number }), (s, a, _, id) => s.Get<FieldPermissionService>().SaveAsync(a, new RoleFieldRules { RoleId = id, Version = 1, Entity = "order", Rules = new Dictionary<string, FieldRule> { ["Notes"] = new(FieldAccess.Hidden) } })),
        ["RoleService.SaveAsync"] = new(Nothing, (s, a, p, _) => s.Get<RoleService>().SaveAsync(a, new SaveRole { Name = "N" + p.Number })),
        ["UserService.CreateAsync"] = new(Nothing, (s, a, p, _) => s.Get<UserService>().CreateAsync(a, new CreateUser { UserName = "n" + p.Number, DisplayName = "New" })),
        ["UserService.UpdateAsync"] = new(UserAsync, (s, a, _, id) => s.Get<UserService>().UpdateAsync(a, new UpdateUser { Id = id, Version = 1, DisplayName = "Thandi" })),
        ["UserService.DeactivateAsync"] = new(UserAsync, (s, a, _, id) => s.Get<UserService>().DeactivateAsync(a, id)),
        ["UserService.ReactivateAsync"] = new(async (s, p) => { var id = await UserAsync(s, p); await s.Get<UserService>().DeactivateAsync(TestPms.System, id); return id; }, (s, a, _, id) => s.Get<UserService>().ReactivateAsync(a, id)),
        ["TerminalService.RevokeAsync"] = new((s, _) => s.Db.ScalarAsync<long>("SELECT MAX(id) FROM terminals"), (s, a, _, id) => s.Get<TerminalService>().RevokeAsync(a, id)),
        ["ComplianceService.SetRetentionAsync"] = new(Nothing, async (s, a, p, _) => await s.Get<ComplianceService>().SetRetentionAsync(a, (await s.Get<ComplianceService>().StoreAsync(a)).Policy with { Days = 1000 + Count(p) })),
        ["DepartmentService.RemoveAsync"] = new(async (s, p) => (await s.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = "X" + p.Number, Name = "X" + p.Number })).Id, (s, a, _, id) => s.Get<DepartmentService>().RemoveAsync(a, id, 1)),
        ["DepartmentService.MoveStageAsync"] = new(StageAsync, (s, a, _, id) => s.Get<DepartmentService>().MoveStageAsync(a, id, 0)),
        ["DepartmentService.RemoveStageAsync"] = new(StageAsync, (s, a, _, id) => s.Get<DepartmentService>().RemoveStageAsync(a, id, 1)),
        ["EmployeeService.RemoveAsync"] = new(PersonAsync, (s, a, _, id) => s.Get<EmployeeService>().RemoveAsync(a, id, 1)),
        ["MachineService.RetireAsync"] = new(MachineAsync, (s, a, _, id) => s.Get<MachineService>().RetireAsync(a, id, 1, true)),
        ["MachineService.RemoveAsync"] = new(MachineAsync, (s, a, _, id) => s.Get<MachineService>().RemoveAsync(a, id, 1)),
        ["FileService.AddAsync"] = new(Nothing, (s, a, p, _) => s.Get<FileService>().AddAsync(a, "machine", p.Machine, FileRole.Document, "plan.pdf", new MemoryStream("%PDF-1.7\nx"u8.ToArray()))),
        ["AllocationService.SaveAsync"] = new(PersonAsync, (s, a, p, id) => s.Get<AllocationService>().SaveAsync(a, new Allocation { EmployeeId = id, MachineId = p.Machine, FromDay = Day, Level = AllocationLevel.Backup })),
        ["MaintenanceService.ReleaseAsync"] = new((s, p) => DoAsync(s, "UPDATE maintenance_tickets SET stands = 1, status = 'Completed' WHERE id = @Ticket", p)),
        ["ProductService.RemoveAsync"] = new(async (s, p) => (await s.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = p.Number, Name = p.Number })).Id, (s, a, _, id) => s.Get<ProductService>().RemoveAsync(a, id, 1)),
        ["ProductService.RemoveCategoryAsync"] = new(async (s, p) => (await s.Get<ProductService>().SaveAsync(TestPms.System, new Category { Name = p.Number })).Id, (s, a, _, id) => s.Get<ProductService>().RemoveCategoryAsync(a, id, 1)),
        ["OrderService.CreateAsync"] = new(PathAsync),
        ["OrderService.SaveItemAsync"] = new(PathAsync),
        ["OrderService.SaveAsync(Order)"] = new(Nothing, (s, a, p, _) => s.Get<OrderService>().SaveAsync(a, new Order { Id = p.Order, Version = 1, Number = "X" + p.Number, CustomerId = 1, DueOn = Day })),
        ["OrderService.SetPathAsync"] = new((s, p) => DoAsync(s, "DELETE FROM jobs WHERE id = @Job", p)),
        ["ItemService.SaveAsync"] = new(PathAsync),
        ["OrderService.ReopenAsync"] = new(async (s, p) => { await s.Get<CancelService>().CancelAsync(TestPms.System, new CancelItems(p.Order, null, "Not wanted")); return 0; }),
        ["OrderDecisionService.AcceptAsync"] = new(AskedAsync, (s, a, _, id) => s.Get<OrderDecisionService>().AcceptAsync(a, new AcceptDecision(id, 1))),
        ["OrderDecisionService.DismissAsync"] = new(AskedAsync, (s, a, _, id) => s.Get<OrderDecisionService>().DismissAsync(a, new DismissDecision(id, 1, "Too late"))),
        ["CloseService.CloseAsync(Int64)"] = new(CompletedAsync),
        ["CloseService.CloseAsync(CloseOrders)"] = new(CompletedAsync),
        ["GoodsService.TakeMoveBackAsync"] = new(async (s, p) => (await s.Get<GoodsService>().MoveAsync(TestPms.System, p.Order, new MoveMaterial(p.Item, MaterialKind.Received, 1))).Id, (s, a, p, id) => s.Get<GoodsService>().TakeMoveBackAsync(a, p.Order, new TakeBack(id, "Counted twice"))),
        ["GoodsService.TakeDispatchBackAsync"] = new(async (s, p) => (await s.Get<GoodsService>().DispatchAsync(TestPms.System, p.Order, new DispatchGoods(p.Item, 1, Reason: "Counted"))).Id, (s, a, p, id) => s.Get<GoodsService>().TakeDispatchBackAsync(a, p.Order, new TakeBack(id, "Came back"))),
        ["ReleaseService.ReleaseAsync"] = new(async (s, p) => { await DoAsync(s, "DELETE FROM jobs WHERE id = @Job", p); await DoAsync(s, "DELETE FROM holds WHERE id = @Hold", p); return await DoAsync(s, "UPDATE order_items SET status = 'Unscheduled' WHERE id = @Item", p); }),
        ["SuggestionService.TakeOldPlaceAsync"] = new(FreedAsync),
        ["ImportService.UploadAsync"] = new(Nothing, (s, a, _, _) => s.Get<ImportService>().UploadAsync(a, "employee", "people.csv", new MemoryStream("Number;First name\n1;Ann\n"u8.ToArray()))),
        ["ImportService.ReshapeAsync"] = new(UploadedAsync, (s, a, _, id) => s.Get<ImportService>().ReshapeAsync(a, id, 1, null, 1)),
        ["ImportService.CheckAsync"] = new(UploadedAsync, (s, a, _, id) => s.Get<ImportService>().CheckAsync(a, id, 1, new ImportSetup())),
        ["ImportService.CorrectAsync"] = new(CheckedAsync, (s, a, _, id) => s.Get<ImportService>().CorrectAsync(a, id, 2, new Dictionary<string, string> { ["Name"] = "Other" })),
        ["ImportService.ApplyAsync"] = new(CheckedAsync, async (s, a, _, id) => await s.Get<ImportService>().ApplyAsync(a, id, (await s.Get<ImportService>().GetAsync(a, id)).Version)),
        ["SettingsService.ChangeAsync"] = new(Nothing, async (s, a, p, _) => await s.Get<SettingsService>().ChangeAsync(a, new ChangeSettings((await s.Get<SettingsService>().GetAsync(a)).Version, new Dictionary<string, string?> { ["firstWaitSeconds"] = $"{31 + Count(p) % 20}" }))),
    };

    /// <summary>Sessions and second factors have no command of their own before somebody signed in; a check of the audit is a run that says what it found; the last two need more than a database.</summary>
    private static readonly HashSet<string> Apart =
    [
        "AccessService.EndSessionAsync", "AccessService.EndAllAsync", "AccessService.ForgetDeviceAsync", "SecondFactorService.ResetAsync", "ComplianceService.StartCheckAsync", "ImportService.MakeAsync", "SettingsService.SendTestMailAsync",
    ];

    /// <summary>Looks that find nothing of theirs in the matrix's plant.</summary>
    private static readonly HashSet<string> Looks =
    [
        "AccessService.ListSessionsAsync", "AccessService.ListSignInsAsync", "AccessService.ListDevicesAsync", "SecondFactorService.GetAsync", "ApiKeyService.GetAsync", "TerminalService.GetAsync", "FileService.OpenAsync", "ProductService.CategoryAsync",
        "OrderDecisionService.GetAsync", "ItemService.PreviewAsync", "PromiseService.AskAsync", "PromiseService.DateAsync", "TimeService.PresentSinceAsync",
    ];

    [Fact]
    public async Task Whichever_call_fails_the_command_is_stored_whole_or_not_at_all()
    {
        await using var whole = await Plant.MakeAsync(engine);
        await using var disk = await Plant.MakeAsync(engine);
        await using var wire = engine == Engine.Sqlite ? null : await Plant.MakeAsync(engine);
        var (wrong, stored) = (new List<string>(), 0);
        foreach (var (name, demand) in PermissionMatrix.Demands.Where(d => d.Value.Call is not null && !FaultyCallTests.Commands.Contains(d.Key) && !Apart.Contains(d.Key)))
        {
            await whole.MakeReadyAsync(name, demand);
            var (made, refusal) = await whole.CallAsync();
            if (refusal is not null && !Looks.Contains(name))
                wrong.Add($"{name} is refused: {refusal.Message}");
            if (made is null)
                continue;
            stored++;
            await disk.MakeReadyAsync(name, demand);
            for (var (n, calls) = (1, 0); ; n++, calls = 0)
            {
                Assert.True(n < MostCalls, $"{name} takes few calls.");
                var (grown, why) = await disk.CallAsync(sends: _ => { if (++calls == n) throw new InjectedFault(); });
                if (grown is not null ? grown != made : why is not (InjectedFault or BusyException))
                    wrong.Add($"{name}, call {n} failed: {grown ?? "nothing"} instead of {made}, {why?.Message}");
                if (calls < n || grown is not null && why is not null || grown is null && why is not (InjectedFault or BusyException))
                    break;
                if (grown is not null)   // done all the same, by deciding it again
                    await disk.MakeReadyAsync(name, demand);
            }
            if (wire is null)
                continue;
            await wire.MakeReadyAsync(name, demand);
            var lost = false;
            var (kept, told) = await wire.CallAsync(sent: c =>
            {
                if (lost || !c.CommandText.Contains("COMMIT", StringComparison.Ordinal))
                    return;
                lost = true;
                throw new InjectedFault(lost: true);
            });
            if (kept != made || told is not (null or OutcomeUnknownException))
                wrong.Add($"{name}, the answer to its COMMIT lost: {kept ?? "nothing"} instead of {made}, {told?.Message}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(stored > 75, $"only {stored} commands stored something");
    }

    /// <summary>A plant of which one node's calls to the database may fail.</summary>
    private sealed class Plant : IAsyncDisposable
    {
        private TestPms pms = null!, node = null!;
        private WatchedDialect watch = null!;
        private MatrixPlant plant = null!;
        private IReadOnlyList<string> tables = [];
        private Func<Task> act = null!;
        private (string Hash, Dictionary<string, long> Rows) before;
        private Place? untouched;
        private int places;

        public static async Task<Plant> MakeAsync(Engine engine)
        {
            var made = new Plant { pms = await TestPms.StartAsync(engine) };
            await made.pms.Get<RoleSeed>().RunAsync();
            made.node = await made.pms.AnotherNodeAsync(settings: s => s with { Dialect = made.watch = new(s.Dialect) });
            made.plant = await new MatrixPlant(made.pms.Db, made.pms.Clock.GetUtcNow()).MakeAsync(made.node.Get<Rights>(), made.node.Get<Calendars>());
            made.tables = [.. (await Schema.ReadAsync(made.pms.Database)).Where(l => l.StartsWith("column ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1].Split('.')[0]).Distinct()];
            return made;
        }

        /// <summary>Gives the command a place of its own and what it needs there.</summary>
        public async Task MakeReadyAsync(string name, Demand demand)
        {
            var prepared = Prepared.GetValueOrDefault(name);
            if (untouched is null)
            {
                untouched = await plant.PlaceAsync($"P{++places}", 100 + places);
                await node.Get<Calendars>().LoadAsync();
                before = await StateAsync();
            }
            var (place, id) = (untouched, 0L);
            if (prepared is not null)
                (id, before, untouched) = (await prepared.Before(node, place), await StateAsync(), null);
            act = () => prepared?.Act is { } own ? own(node, TestPms.System, place, id) : demand.Call!(node, TestPms.System, place);
        }

        /// <summary>What differs in the database after the command, null where nothing does; and what it threw.</summary>
        public async Task<(string? Grown, Exception? Why)> CallAsync(Action<DbCommand>? sends = null, Action<DbCommand>? sent = null)
        {
            (watch.Sends, watch.Sent) = (sends, sent);
            var why = await Record.ExceptionAsync(act);
            (watch.Sends, watch.Sent) = (null, null);
            var (was, now) = (before, before = await StateAsync());
            if (was.Hash != now.Hash)
                untouched = null;
            return (was.Hash == now.Hash ? null : "changed " + string.Join(", ", tables.Where(t => was.Rows[t] != now.Rows[t]).Select(t => $"{t} {now.Rows[t] - was.Rows[t]:+0;-0}")), why);
        }

        public async ValueTask DisposeAsync()
        {
            await node.DisposeAsync();
            await pms.DisposeAsync();
        }

        private Task<(string Hash, Dictionary<string, long> Rows)> StateAsync() => pms.Db.RowsAsync(string.Join(';', tables.Select(t => $"SELECT * FROM {t}")), null, async (reader, ct) =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var rows = new Dictionary<string, long>();
            foreach (var table in tables)
            {
                long n = 0;
                for (; await reader.ReadAsync(ct); n++)
                    for (var i = 0; i < reader.FieldCount; i++)
                        hash.AppendData(Encoding.UTF8.GetBytes($"{reader.GetValue(i)}|"));
                rows[table] = n;
                await reader.NextResultAsync(ct);
            }
            return (Convert.ToHexString(hash.GetHashAndReset()), rows);
        });
    }

    private static Task<long> Nothing(TestPms pms, Place place) => Task.FromResult(0L);

    private static Task<long> DoAsync(TestPms pms, string sql, object args) => pms.Db.InTransactionAsync(async tx => (long)await tx.ExecuteAsync(sql, args));

    /// <summary>The how-manieth place it is: what is there once in a plant is another each time, for a call may succeed where a reading behind it takes the fault, and is tried again.</summary>
    private static int Count(Place place) => int.Parse(place.Number.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<long> UserAsync(TestPms pms, Place place) => (await pms.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "u" + place.Number, DisplayName = "New" })).UserId;

    /// <summary>Given by a person, for a key may no more than its giver.</summary>
    private static async Task<long> KeyAsync(TestPms pms) =>
        (await pms.Get<ApiKeyService>().CreateAsync(new Actor { Name = "admin", UserId = await pms.Db.ScalarAsync<long>("SELECT id FROM users WHERE user_name_key = @code", new { code = SeededRole.Admin }) }, new CreateApiKey { Name = "Scale", Permissions = [Permissions.OrdersView], ExpiresOn = Day.AddDays(9) })).Key.Id;

    private static async Task<long> StageAsync(TestPms pms, Place place) => (await pms.Get<DepartmentService>().SaveStageAsync(TestPms.System, new Stage { DepartmentId = place.Department, Name = "Second" })).Id;

    private static async Task<long> PersonAsync(TestPms pms, Place place) =>
        (await pms.Get<EmployeeService>().SaveAsync(TestPms.System, new Employee { Number = "X" + place.Number, FirstName = "Sipho", LastName = "Sithole", DepartmentId = place.Department })).Id;

    private static async Task<long> MachineAsync(TestPms pms, Place place) => (await pms.Get<MachineService>().SaveAsync(TestPms.System, new Machine { Number = "X" + place.Number, Name = "Head", DepartmentId = place.Department })).Id;

    /// <summary>The product has a path from here on.</summary>
    private static async Task<long> PathAsync(TestPms pms, Place place) =>
        await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM product_steps") > 0 ? 0 : await DoAsync(pms, "INSERT INTO product_steps (product_id, position, stage_id) VALUES (1, 1, @Stage)", place);

    /// <summary>A file wants 120 instead of 100.</summary>
    private static Task<long> AskedAsync(TestPms pms, Place place) => pms.Db.InTransactionAsync(tx =>
        tx.InsertAsync("INSERT INTO order_decisions (order_id, item_id, quantity, wanted, state, at, by_name) VALUES (@Order, @Item, @quantity, @wanted, 'Open', 0, 'a file')", new { place.Order, place.Item, quantity = 100m, wanted = 120m }));

    private static async Task<long> CompletedAsync(TestPms pms, Place place)
    {
        await DoAsync(pms, "UPDATE jobs SET status = 'Finished' WHERE id = @Job", place);
        await DoAsync(pms, "UPDATE order_items SET status = 'Completed' WHERE id = @Item", place);
        await pms.Get<GoodsService>().DispatchAsync(TestPms.System, place.Order, new DispatchGoods(place.Item, 100, Reason: "Counted"));
        return await DoAsync(pms, "UPDATE orders SET status = 'Completed' WHERE id = @Order", place);
    }

    /// <summary>A hold freed the job's place of the day after tomorrow and is lifted.</summary>
    private static async Task<long> FreedAsync(TestPms pms, Place place)
    {
        var start = pms.Clock.GetUtcNow().AddHours(50);
        await DoAsync(pms, "UPDATE jobs SET planned_start = @start, planned_end = @end WHERE id = @Job", new { place.Job, start, end = start.AddHours(2) });
        await pms.Get<HoldRelief>().FreeAsync(TestPms.System, place.Hold);
        await pms.Get<HoldService>().LiftAsync(TestPms.System, place.Hold, await pms.Db.ScalarAsync<int>("SELECT version FROM holds WHERE id = @Hold", place));
        return 0;
    }

    private static async Task<long> UploadedAsync(TestPms pms, Place place) =>
        (await pms.Get<ImportService>().UploadAsync(TestPms.System, "machine", "machines.csv", new MemoryStream(Encoding.UTF8.GetBytes($"Number;Name;Dept\nX{place.Number};One;{place.Number}\n")))).Id;

    private static async Task<long> CheckedAsync(TestPms pms, Place place)
    {
        var id = await UploadedAsync(pms, place);
        await pms.Get<ImportService>().CheckAsync(TestPms.System, id, 1, new ImportSetup());
        await pms.Get<ImportRunner>().RunAsync(null, default);
        return id;
    }
}
