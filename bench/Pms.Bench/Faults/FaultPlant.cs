using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Live;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Tests.Jobs;

namespace Pms.Bench.Faults;

/// <summary>The plant of the live benches, each of its people with a user for the API, and PMS processes on it that may be killed; its secrets outlive them.</summary>
internal sealed class FaultPlant : IAsyncDisposable
{
    private readonly (string Name, string Value)[] secrets = [("JWT_SECRET_KEY", Secret(48)), ("Security__MasterKey", Secret(32))];
    private readonly ServiceProvider services;

    private FaultPlant(BenchDatabase database, ServiceProvider services) => (Database, this.services) = (database, services);

    public BenchDatabase Database { get; }

    /// <summary>Straight to the database, by no proxy that a case puts before it.</summary>
    public Db Db => services.GetRequiredService<Db>();

    public static async Task<FaultPlant> MakeAsync(Options options, int people, MariaDbServer? server = null)
    {
        // On a server the case itself may kill, or else in a file.
        string[] kind = server is null ? ["--engine", "sqlite"] : ["--engine", "mysql", "--connection", server.ConnectionString()];
        var database = await BenchDatabase.CreateAsync(Options.Parse([.. kind, "--data", options.Text("data", Path.GetTempPath())]));
        await LivePlant.MakeAsync(database, people);
        var services = new ServiceCollection().AddLogging().AddPmsCore(new CoreSettings
        {
            Database = database.Settings, Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), DataFolder = database.Folder, PasswordWorkFactor = 4,
        }).BuildServiceProvider();
        var plant = new FaultPlant(database, services);
        var password = await services.GetRequiredService<Hashing>().HashAsync(LivePlant.Password);
        await plant.Db.InTransactionAsync(async tx =>
        {
            for (var person = 1; person <= people; person++)
            {
                var user = await tx.InsertAsync("INSERT INTO users (user_name, user_name_key, display_name, password_hash, employee_id, created_at) VALUES (@name, @key, @name, @password, @person, 0)",
                    new { name = UserOf(person), key = Text.Key(UserOf(person)), password, person });
                await tx.ExecuteAsync("INSERT INTO user_roles (user_id, role_id) SELECT @user, id FROM roles WHERE code = @role", new { user, role = SeededRole.Operator });
            }
        });
        return plant;
    }

    public Task<PmsProcess> StartAsync(params IEnumerable<(string Name, string Value)> more) => PmsProcess.StartAsync(Database, [.. secrets, .. more]);

    /// <summary>As PMS reads it when a proxy on this port stands before its database.</summary>
    public (string Name, string Value) Through(int port) =>
        ("Database__ConnectionString", new MySqlConnector.MySqlConnectionStringBuilder(Database.Settings.ConnectionString) { Port = (uint)port }.ConnectionString);

    public static string UserOf(long person) => $"person{person}";

    /// <summary>A client of the API signed in as this person.</summary>
    public static async Task<HttpClient> SignInAsync(Uri site, long person)
    {
        var http = new HttpClient { BaseAddress = site, Timeout = TimeSpan.FromSeconds(30) };
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { userName = UserOf(person), password = LivePlant.Password });
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"The sign-in of {person} was refused: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        return http;
    }

    /// <summary>Puts what was acknowledged beside what is stored.</summary>
    public async Task<IReadOnlyList<(bool, string)>> TallyAsync(Storm storm)
    {
        return [.. await TallyAsync(Db, [.. storm.Acknowledged]), (storm.Wrong is null, storm.Wrong ?? $"said busy or gone and sent again {storm.Again}")];
    }

    /// <summary>Puts these beside what is stored in a database, which may hold more.</summary>
    public static async Task<IReadOnlyList<(bool, string)>> TallyAsync(Db db, IReadOnlyList<string> acknowledged)
    {
        var stored = (await db.ListAsync<string>("SELECT request_key FROM idempotency")).ToHashSet(StringComparer.Ordinal);
        var lost = acknowledged.Where(k => !stored.Contains(k)).ToList();
        var doubled = 0L;
        foreach (var verb in Storm.Verbs)
            doubled += Math.Abs(await CountAsync(db, $"audit WHERE action = 'job.{verb}'") - stored.Count(k => k.StartsWith(verb, StringComparison.Ordinal)));
        doubled += Math.Abs(await CountAsync(db, "job_reports") - stored.Count(k => k.StartsWith("report", StringComparison.Ordinal)));
        // The work the plant was made with has no history of its own; only what is new may break.
        var broken = await FloorInvariants.BrokenAsync(db);
        return
        [
            (acknowledged.Count > 0, $"acknowledged {acknowledged.Count}"), (stored.Count >= acknowledged.Distinct().Count(), $"stored {stored.Count}"), (doubled == 0, $"doubled {doubled}"),
            (lost.Count == 0, $"lost {lost.Count}"), (broken.Count == 0, broken.Count == 0 ? "the laws of the floor hold" : string.Join(", ", broken)),
        ];
    }

    private static Task<long> CountAsync(Db db, string fromWhere) => db.ScalarAsync<long>("SELECT COUNT(*) FROM " + fromWhere);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static string Secret(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));
}
