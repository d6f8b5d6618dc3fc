using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Demo;

/// <summary>
/// Fills the demo's own SQLite database: the present first, so that pages have something to show, then the past day by day. Each slice is
/// one transaction with its stamp, so a start after a kill goes on exactly where it stopped. Refuses MySQL, production and a database in use.
/// </summary>
public sealed class DemoSeeder(Db db, DemoSettings settings, PlantClock clock, DemoMasterRepository master, DemoRepository repository, Files.FileStore store, DemoProgress progress, IHostEnvironment host, Rights rights, Calendars calendars,
    ILogger<DemoSeeder> log)
{
    /// <summary>bcrypt's least: these passwords are printed on the sign-in page.</summary>
    private const int WorkFactor = 4;

    private DemoPlant? plant;

    /// <summary>Master data, accounts, open orders, today and yesterday; does nothing in a database that has them.</summary>
    /// <exception cref="InvalidOperationException">This is no place for a demo; the message says why and what to do.</exception>
    public async Task SeedPresentAsync(CancellationToken ct = default)
    {
        Guard();
        if (await repository.FindStampAsync(ct) is not { } stamp)
        {
            if (await repository.IsInUseAsync(ct))
                throw new InvalidOperationException("The demo plant needs a database of its own, and this one is in use. Remove Database:File for the demo, or start without 'demo'.");
            plant = DemoPlant.Imagine(settings, clock, clock.Now);
            var slices = plant.Slices();
            stamp = new(settings.Seed, settings.HistoryDays, settings.OpenOrders, plant.Now.ToUnixTimeMilliseconds(), 0, plant.PresentSlices, slices.Count);
            var (password, pin) = (Hash(DemoAccounts.Password), Hash(DemoAccounts.Pin));
            var pictures = await DemoPictures.KeepAsync(store, plant.Catalogue, ct);
            await db.InTransactionAsync(async tx =>
            {
                await master.WriteAsync(tx, plant, password, pin, pictures);
                await DemoRepository.SetStampAsync(tx, stamp);
                tx.Raise(new RightsChanged());
                tx.Raise(new CalendarChanged());
            }, ct);
        }
        await WriteAsync(stamp, stamp.Present, ct);
        await rights.LoadAsync(ct);
        await calendars.LoadAsync(ct);
    }

    /// <summary>The past, newest day first; does nothing once it is complete.</summary>
    public async Task SeedPastAsync(CancellationToken ct = default)
    {
        Guard();
        if (await repository.FindStampAsync(ct) is not { IsComplete: false } stamp)
            return;
        await WriteAsync(stamp, stamp.All, ct);
        plant = null;
        log.LogInformation("The demo plant's history is complete");
    }

    private async Task WriteAsync(DemoStamp stamp, int until, CancellationToken ct)
    {
        Report(stamp);
        if (stamp.Done >= until)
            return;
        // After a kill the same plant is imagined again from what the stamp remembers, not from today's settings.
        plant ??= DemoPlant.Imagine(new() { Seed = stamp.Seed, HistoryDays = stamp.HistoryDays, OpenOrders = stamp.OpenOrders }, clock, DemoPlant.Instant(stamp.Now));
        var slices = plant.Slices();
        while (stamp.Done < until)
        {
            stamp = stamp with { Done = stamp.Done + 1 };
            await WriteAsync(slices[stamp.Done - 1], stamp, ct);
            Report(stamp);
        }
    }

    private void Report(DemoStamp stamp) => progress.Report(stamp.Done, stamp.All, stamp.Done >= stamp.Present,
        stamp.All > stamp.Present ? stamp.HistoryDays * Math.Max(0, stamp.Done - stamp.Present) / (stamp.All - stamp.Present) : stamp.HistoryDays, stamp.HistoryDays);

    private async Task WriteAsync(PlantSlice slice, DemoStamp stamp, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.InTransactionAsync(async tx =>
                {
                    await repository.WriteAsync(tx, plant!, slice);
                    await DemoRepository.SetStampAsync(tx, stamp);
                }, ct);
                return;
            }
            catch (BusyException e) when (attempt < 20)
            {
                log.LogDebug(e, "The floor was busy; a day of history waits its turn");
            }
        }
    }

    /// <summary>The demo has known passwords: it lives in a file of its own, in development, or not at all.</summary>
    private void Guard()
    {
        if (host.IsProduction())
            throw new InvalidOperationException("The demo plant never runs in production: its passwords are printed on the sign-in page. Set ASPNETCORE_ENVIRONMENT=Development, or start without 'demo'.");
        if (db.Dialect != Dialect.Sqlite)
            throw new InvalidOperationException("The demo plant has a SQLite file of its own and never runs on MySQL. Remove the settings of the MySQL server (DB_HOST, …), or start without 'demo'.");
    }

    private static string Hash(string secret) => BCrypt.Net.BCrypt.EnhancedHashPassword(secret, WorkFactor);
}
