using Pms.Core;
using Pms.Core.Floor;
using Pms.Core.Floor.ShiftStart;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

/// <summary>The start of a shift: who is here, what can run, what is missing, and where each machine goes from here.</summary>
public abstract class ShiftStartTests(Engine engine)
{
    [Fact]
    public async Task It_says_what_runs_next_and_what_stands_in_the_way()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync(0, 1440);
        await seed.InsertAsync("stages", new { department_id = seed.Cutting, name = "Cut", name_key = "CUT", position = 1, kind = "Machine" });
        await seed.PresentAsync(seed.Thabo, seed.Cutting, FloorSeed.At("2026-01-05T06:00"));
        var away = await seed.EmployeeAsync("Sipho", seed.Cutting);
        var now = pms.Clock.GetUtcNow();
        await seed.InsertAsync("absences", new { employee_id = away, starts_at = now.AddHours(-1), ends_at = now.AddHours(9), kind = "Sick" });
        var cut = await seed.JobAsync(seed.CutStep, seed.Cutting, seed.Cutter, "Planned", now, now.AddHours(4));
        var pack = await seed.JobAsync(seed.PackStep, seed.Packing, seed.Packer, "Planned", now, now.AddHours(4));
        await seed.ExecuteAsync("UPDATE jobs SET released_at = 1");
        await pms.Get<Rights>().LoadAsync();

        await pms.Get<FloorBoards>().LoadAsync();
        var start = await pms.Get<ShiftStartService>().ReadAsync(TestPms.System, null);
        Assert.Equal(["Thabo M"], start.Here.Select(p => p.Name));
        Assert.Equal(["Sipho M"], start.Absent.Select(p => p.Name));
        Assert.Equal([cut], start.CanRun.Select(j => j.Id));
        var missing = Assert.Single(start.Missing);
        Assert.Equal((pack, ReadinessKind.WaitingFor), (missing.Id, missing.Readiness.Kind));
        var machine = start.Machines.Single(m => m.Tile.Id == seed.Cutter);
        Assert.Equal((null, cut, TimeSpan.FromMinutes(250), 0), (machine.Now, machine.Next!.Id, machine.NextEnds - machine.NextStarts, machine.Behind));

        // Half done, the rest is what the forecast counts.
        await seed.ExecuteAsync("UPDATE jobs SET status = 'Running', phase = 'Run', started_at = @now, operator_id = @who, good = 250000000 WHERE id = @cut", new { now = now.ToUnixTimeMilliseconds(), who = seed.Thabo, cut });
        machine = (await pms.Get<ShiftStartService>().ReadAsync(TestPms.System, seed.Cutting)).Machines.Single();
        Assert.Equal((cut, TimeSpan.FromMinutes(125)), (machine.Now!.Id, machine.NowEnds - pms.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task Only_the_departments_of_ones_own_are_shown()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var seed = new FloorSeed(pms);
        await seed.PlantAsync(0, 1440);
        await pms.Get<Core.Identity.Roles.RoleSeed>().RunAsync();
        var sue = await seed.InsertAsync("employees", new { number = "S", number_key = "S", first_name = "Sue", last_name = "S", name_key = "SUE", department_id = seed.Packing, kind = "Supervisor" });
        await pms.Get<Rights>().LoadAsync();
        var user = new Actor { EmployeeId = sue, Name = "Sue S", Channel = Channel.Api };
        var start = await pms.Get<ShiftStartService>().ReadAsync(user, null);
        Assert.Equal([seed.Packer], start.Machines.Select(m => m.Tile.Id));
        Assert.Empty((await pms.Get<ShiftStartService>().ReadAsync(user, seed.Cutting)).Machines);
    }
}

public sealed class ShiftStartTests_on_SQLite() : ShiftStartTests(Engine.Sqlite);

public sealed class ShiftStartTests_on_MariaDB() : ShiftStartTests(Engine.MySql);
