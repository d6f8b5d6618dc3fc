using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>Role × command × own or another department: every case that is denied is tried against the service, is refused and leaves nothing.</summary>
public sealed class PermissionMatrixTests
{
    [Fact]
    public void Every_command_says_what_it_demands()
    {
        var commands = PermissionMatrix.Commands.ToList();
        Assert.Equal(commands.Distinct(), commands);
        Assert.Empty(commands.Except(PermissionMatrix.Demands.Keys));   // a new command: add its line to PermissionMatrix
        Assert.Empty(PermissionMatrix.Demands.Keys.Except(commands));
    }

    [Fact]
    public async Task Whoever_lacks_the_permission_is_refused_by_every_command_in_every_department_and_nothing_is_stored()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        await pms.Get<RoleSeed>().RunAsync();
        var rights = pms.Get<Rights>();
        var plant = await new MatrixPlant(pms.Db, pms.Clock.GetUtcNow()).MakeAsync(rights, pms.Get<Calendars>());
        var gone = new Actor { Name = "gone", UserId = 999_999, EmployeeId = 999_999 };
        var before = await CountAsync(pms);
        var wrong = new List<string>();
        var denied = 0;

        foreach (var (name, demand) in PermissionMatrix.Demands)
            foreach (var (role, actor) in plant.People.Append(new("gone", gone)))
                foreach (var (where, place) in new[] { ("own", plant.Own), ("other", plant.Other) })
                {
                    // By a token that names no permission, whoever it is; and by the person themselves.
                    foreach (var by in new[] { actor, actor with { Scopes = new HashSet<string>() } })
                    {
                        if (demand.Call is null || demand.Allows(rights, by, plant.Own, place))
                            continue;
                        denied++;
                        var refusal = await Record.ExceptionAsync(() => demand.Call(pms, by, place));
                        var right = refusal switch
                        {
                            ForbiddenException forbidden => demand.Reach == Reach.Signed || demand.AnyOf.Contains(forbidden.Permission) || forbidden.Permission == demand.First,
                            NotFoundException => demand.Reach == Reach.Seen,
                            RuleException { Code: "job.no_employee" } => role == "gone",
                            _ => false,
                        };
                        if (!right)
                            wrong.Add($"{name} by {role}{(by.Scopes is null ? "" : " without scope")} in {where}: {refusal?.GetType().Name ?? "done"} {refusal?.Message}");
                    }
                }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {denied} denied cases were not refused as they should be:\n{string.Join('\n', wrong.Take(60))}");
        Assert.True(denied > 1_500, $"only {denied} cases were denied");
        Assert.Equal(before, await CountAsync(pms));
    }

    [Fact]
    public async Task Whoever_has_the_permission_is_let_through()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        await pms.Get<RoleSeed>().RunAsync();
        var plant = await new MatrixPlant(pms.Db, pms.Clock.GetUtcNow()).MakeAsync(pms.Get<Rights>(), pms.Get<Calendars>());
        var wrong = new List<string>();
        // Each reads or tries what is its own; the rules of the plant may refuse it, the permissions not.
        foreach (var (name, demand) in PermissionMatrix.Demands.Where(d => d.Value.Call is not null))
            foreach (var (role, actor) in plant.People.Where(p => p.Key != SeededRole.Admin && demand.Allows(pms.Get<Rights>(), p.Value, plant.Own, plant.Own)).Take(2))
                if (await Record.ExceptionAsync(() => demand.Call!(pms, actor, plant.Own)) is ForbiddenException refused && demand.AnyOf.Contains(refused.Permission))
                    wrong.Add($"{name} by {role}: {refused.Message}");
        Assert.Empty(wrong);
    }

    private static async Task<string> CountAsync(TestPms pms)
    {
        var counts = new List<string>();
        foreach (var table in new[] { "audit", "outbox", "jobs", "orders", "holds", "employees", "machines", "users", "roles", "departments", "work_times", "presences", "maintenance_tickets", "wall_boards", "terminals" })
            counts.Add($"{table} {await pms.Db.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}")}");
        return string.Join(", ", counts);
    }
}
