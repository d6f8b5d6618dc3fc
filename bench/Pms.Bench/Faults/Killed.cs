using System.Diagnostics;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>The web process is killed again and again while everybody taps; what was not answered is sent again to the next.</summary>
internal sealed class WebKilled : FaultCase
{
    private const int People = 8, TapsBetween = 40;

    public override string Name => "web-killed";
    public override string What => "kill -9 of the web process in a storm of taps, on both databases";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync(options.Text("data"), durable: true);
        List<(bool, string)> said = [];
        foreach (var on in new[] { null, server })
        {
            await using var plant = await FaultPlant.MakeAsync(options, People, on);
            var rounds = Math.Max(1, options.Number("rounds", 4) / 2);
            var pms = await plant.StartAsync();
            try
            {
                await using var storm = new Storm(() => pms.Address, People);
                for (var round = 0; round < rounds; round++)
                {
                    await storm.UntilAsync(TapsBetween);
                    pms.Dispose();
                    pms = await plant.StartAsync();
                }
                await storm.UntilAsync(TapsBetween);
                await storm.StopAsync();
                said.AddRange([(true, $"{plant.Database.Kind}, {rounds} kills"), .. await plant.TallyAsync(storm)]);
            }
            finally
            {
                pms.Dispose();
            }
        }
        return Outcome.Of(said);
    }
}

/// <summary>The database server is killed while everybody taps and comes back; the web process stays.</summary>
internal sealed class DatabaseKilled : FaultCase
{
    private const int People = 8, Kills = 3, Taps = 40;

    public override string Name => "database-killed";
    public override string What => "kill -9 of mariadbd, the web process stays";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync(options.Text("data"), durable: true);
        await using var plant = await FaultPlant.MakeAsync(options, People, server);
        using var pms = await plant.StartAsync();
        await using var storm = new Storm(() => pms.Address, People);
        var slowest = TimeSpan.Zero;
        for (var kill = 0; kill < Kills; kill++)
        {
            await storm.UntilAsync(Taps);
            server.Kill();
            await Task.Delay(TimeSpan.FromSeconds(1));
            await server.StartAgainAsync();
            var back = Stopwatch.GetTimestamp();
            await storm.UntilAsync(1);
            slowest = Stopwatch.GetElapsedTime(back) is var took && took > slowest ? took : slowest;
        }
        await storm.UntilAsync(Taps);
        await storm.StopAsync();
        return Outcome.Of([(true, $"{Kills} kills, taps again at most {slowest.TotalSeconds:0.0} s after the server"), .. await plant.TallyAsync(storm)]);
    }
}

/// <summary>The schema's migration is killed so many statements further on each time, until it has run through; then it is the schema that a run without a kill makes.</summary>
internal sealed class MigrationKilled : FaultCase
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(50);

    public override string Name => "migration-killed";
    public override string What => "kill -9 of the migration, each time some statements further on, and again";

    public override async Task<Outcome> RunAsync(Options options)
    {
        using var server = await MariaDbServer.StartAsync(options.Text("data"), durable: true);
        await using var broken = await BenchDatabase.CreateAsync(Options.Parse(["--engine", "mysql", "--connection", server.ConnectionString()]));
        await using var whole = await broken.BesideAsync(options);
        using (var once = PmsProcess.Command(whole, "migrate"))
            await once.EndAsync(Longest);
        var all = await JournalAsync(whole);
        var step = Math.Max(1, all / options.Number("rounds", 8));
        var statements = new HashSet<long>();
        var last = 0L;
        while (true)
        {
            using var migrating = PmsProcess.Command(broken, "migrate");
            while (!migrating.HasExited && await JournalAsync(broken) < last + step)
                await Task.Delay(1);
            if (migrating.HasExited)
                break;
            migrating.Dispose();
            statements.Add(last = await JournalAsync(broken));
            await broken.QueryAsync("UPDATE schema_lease SET held_until = 0");   // as if its 30 s had passed
        }
        var same = (await SchemaAsync(broken)).SequenceEqual(await SchemaAsync(whole), StringComparer.Ordinal);
        return Outcome.Of((statements.Count > 0, $"killed after {statements.Count} different statements of {all}"), (same && await JournalAsync(broken) == all, "the same schema as without a kill"));
    }

    private static async Task<long> JournalAsync(BenchDatabase database)
    {
        try { return long.Parse((await database.QueryAsync("SELECT COUNT(*) FROM schema_migrations"))[0], System.Globalization.CultureInfo.InvariantCulture); }
        catch (MySqlConnector.MySqlException) { return 0; }   // not even the journal is there
    }

    private static Task<IReadOnlyList<string>> SchemaAsync(BenchDatabase database) => database.QueryAsync(
        """
        SELECT CONCAT(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ', COALESCE(column_default, '')) FROM information_schema.columns WHERE table_schema = DATABASE()
        UNION ALL
        SELECT CONCAT(table_name, ' ', index_name, ' ', non_unique, ' ', seq_in_index, ' ', column_name) FROM information_schema.statistics WHERE table_schema = DATABASE()
        ORDER BY 1
        """);
}
