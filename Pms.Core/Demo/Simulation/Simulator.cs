using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pms.Core.Capacity;
using Pms.Core.Data;
using Pms.Core.Demo.Plant;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Planning;
using Pms.Core.Jobs.Time;
using Pms.Core.Maintenance;

namespace Pms.Core.Demo.Simulation;

/// <summary>
/// Works the demo's floor through the real services, as its people, in the plant's own pace: each tick looks at the floor as it is and does the
/// few things that are due. It keeps nothing that a restart would miss, and leaves alone whoever is signed in, and the visitor's machine.
/// </summary>
public sealed class Simulator(Db db, DemoSettings settings, DemoProgress progress, DemoRepository repository, DemoFloorQueries floor, JobService jobs, JobPlanningService planning, CapacityQueries capacity, MaintenanceService maintenance,
    TimeService times, CalendarService calendar, Calendars calendars, Rights rights, PlantClock clock, TimeProvider time, IHostEnvironment host, ILogger<Simulator> log) : BackgroundService
{
    /// <summary>How often the demo's people look up.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PlanEvery = TimeSpan.FromSeconds(20);
    private readonly Dictionary<string, DateTimeOffset> refused = [];
    private Cast? cast;
    private DateTimeOffset lastTick, lastPlan;

    /// <summary>One look and what is due then, at most some things, the oldest first. Returns how many were done.</summary>
    public async Task<int> TickAsync(CancellationToken ct = default)
    {
        if (host.IsProduction() || db.Dialect != Dialect.Sqlite)
            throw new InvalidOperationException("The demo's people work in the demo's own SQLite file only, and never in production.");
        if (await CastAsync(ct) is not { } now)
            return 0;
        var view = await floor.ReadAsync(clock.Now, ct);
        var posts = now.Crew.At(calendars.Now, view.Now);
        var since = lastTick == default || view.Now - lastTick > TimeSpan.FromMinutes(1) ? Beat : view.Now - lastTick;
        lastTick = view.Now;

        var chores = now.Shifts.Extra(view.Now, now.Crew.Floor.Departments).Concat(now.Shifts.Chores(view, posts, now.Crew)).Concat(now.Repairs.Chores(view))
            .Concat(now.Work.Chores(view, posts, await floor.ReadyAsync(view.Now.AddDays(5), ct))).ToList();
        if (now.Work.Disturb(view, since) is { } disturbance)
            chores.Add(disturbance);
        foreach (var (key, _) in refused.Where(r => r.Value <= view.Now).ToList())
            refused.Remove(key);
        var done = 0;
        var jobsTouched = new HashSet<string>();
        foreach (var chore in chores.Where(c => c.Due <= view.Now && !refused.ContainsKey(c.Key)).OrderBy(c => c.Due).ThenBy(c => c.Key, StringComparer.Ordinal).Take(3 + (int)settings.Speed))
            if (jobsTouched.Add(chore.Key.Split(' ')[^1]) && await DoAsync(chore, view.Now, ct))
                done++;
        if (view.Now - lastPlan >= PlanEvery / Math.Max(1, settings.Speed))
        {
            lastPlan = view.Now;
            await DoAsync(new("plan", view.Now, now.Planner.RoundAsync), view.Now, ct);
        }
        return done;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.Simulate)
            return;
        using var beat = new PeriodicTimer(Beat, time);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (progress.IsReady)
                    await TickAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "The demo's people could not work for a moment");
            }
        }
    }

    private async Task<bool> DoAsync(Chore chore, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            await chore.DoAsync(ct);
            return true;
        }
        catch (PmsException e)
        {
            // Somebody else was faster, or a rule forbids it: people try again later.
            refused[chore.Key] = now + Patience;
            log.LogDebug(e, "{Chore} was refused", chore.Key);
            return false;
        }
    }

    private sealed record Cast(Crew Crew, Shifts Shifts, FloorWork Work, Repairs Repairs, DemoPlanner Planner);

    /// <summary>The people and places as they were seeded; null as long as there is no demo plant.</summary>
    private async Task<Cast?> CastAsync(CancellationToken ct)
    {
        if (cast is not null)
            return cast;
        if (await repository.FindStampAsync(ct) is not { } stamp)
            return null;
        await rights.LoadAsync(ct);
        await calendars.LoadAsync(ct);
        var dice = new Dice((ulong)stamp.Seed);
        var today = clock.DateOf(DemoPlant.Instant(stamp.Now));
        var plant = new PlantFloor(dice, today);
        var crew = new Crew(plant, new PlantPeople(plant, dice.Fork(41), today), clock, dice);
        var pace = settings with { OpenOrders = stamp.OpenOrders };
        return cast = new(crew, new Shifts(times, calendar, calendars, clock), new FloorWork(jobs, maintenance, crew, pace, dice.Fork(81)), new Repairs(maintenance, crew, pace, dice.Fork(82)),
            new DemoPlanner(planning, capacity, floor, repository, crew, new PlantCatalogue(plant, dice.Fork(31)), pace, clock, dice.Fork(83)));
    }
}
