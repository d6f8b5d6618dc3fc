using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>The program is killed in a storm of taps and started again: every acknowledged tap is stored once, none twice, and no job is in two states.</summary>
public sealed class PowerCutTests
{
    private const int Rounds = 2, Clients = 3, JobsPerClient = 60;

    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task What_was_acknowledged_is_stored_once(Engine engine)
    {
        await using var floor = await JobFloor.StartAsync(engine);
        await floor.Db.InTransactionAsync(async tx => { await tx.ExecuteAsync("UPDATE employees SET slots = 50"); await tx.ExecuteAsync("UPDATE machines SET slots = 50"); });
        var operatorRole = (await floor.Pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == SeededRole.Operator).Id;
        for (var i = 1; i <= Clients; i++)
            await floor.Pms.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = $"person{i}", DisplayName = $"Person {i}", RoleIds = [operatorRole], EmployeeId = i }, Visitors.Password);
        var acknowledged = new ConcurrentBag<string>();
        var open = new ConcurrentBag<Tap>();

        for (var round = 0; round < Rounds; round++)
        {
            var jobs = new List<long>();
            for (var i = 0; i < Clients * JobsPerClient; i++)
                jobs.Add((await floor.OrderAsync(20))[JobFloor.Cut]);
            using var pms = await StartAsync(floor);
            var enough = new TaskCompletionSource();
            var storm = Enumerable.Range(1, Clients).Select(i => Task.Run(async () =>
            {
                using var http = await SignInAsync(pms, i);
                foreach (var job in jobs.Skip((i - 1) * JobsPerClient).Take(JobsPerClient))
                    foreach (var tap in Story(job))
                    {
                        if (!await SendAsync(http, tap))
                        {
                            open.Add(tap with { Person = i });
                            return;
                        }
                        acknowledged.Add(tap.Key);
                        if (acknowledged.Count >= 40 * (round + 1))
                            enough.TrySetResult();
                    }
                enough.TrySetResult();
            })).ToList();
            await Task.WhenAny(enough.Task, Task.WhenAll(storm));
            pms.Kill();
            await Task.WhenAll(storm);
            Assert.Empty(await floor.BrokenInvariantsAsync());
        }

        Assert.NotEmpty(open);
        using (var again = await StartAsync(floor))
            foreach (var tap in open)
            {
                using var http = await SignInAsync(again, tap.Person);
                Assert.True(await SendAsync(http, tap), "The same tap once more is done, or was.");
                acknowledged.Add(tap.Key);
            }

        var stored = await floor.Db.ListAsync<string>("SELECT request_key FROM idempotency");
        Assert.Equal(acknowledged.Distinct().Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
        foreach (var verb in (string[])["start", "report", "finish"])
            Assert.Equal(stored.Count(k => k.StartsWith(verb, StringComparison.Ordinal)), await floor.CountAsync($"audit WHERE action = 'job.{verb}'"));
        Assert.Equal(stored.Count(k => !k.StartsWith("start", StringComparison.Ordinal)), await floor.CountAsync("job_reports"));
        Assert.Empty(await floor.BrokenInvariantsAsync());
    }

    private sealed record Tap(string Path, object Body, string Key, int Person = 0);

    private static IEnumerable<Tap> Story(long job) =>
    [
        new($"{job}/start", new { }, $"start-{job}"),
        new($"{job}/report", new { good = 7 }, $"report-{job}"),
        new($"{job}/finish", new { good = 13 }, $"finish-{job}"),
    ];

    private static Task<PmsProcess> StartAsync(JobFloor floor) => PmsProcess.StartAsync("Development", $"--Data:Folder={TestRun.NewPath("cut")}", "--Database:Kind=" + (floor.Pms.Database.Engine == Engine.Sqlite ? "sqlite" : "mysql"),
        $"--Database:ConnectionString={floor.Pms.Database.ConnectionString}", "--Security:PasswordWorkFactor=4", "--Security:RateLimitPerMinute=100000", "--Plant:TimeZone=Europe/Berlin");

    private static async Task<HttpClient> SignInAsync(PmsProcess pms, int person)
    {
        var http = new HttpClient { BaseAddress = pms.Address };
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { userName = $"person{person}", password = Visitors.Password });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        return http;
    }

    /// <summary>True when it was acknowledged; false when the program went away over it.</summary>
    private static async Task<bool> SendAsync(HttpClient http, Tap tap)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/jobs/" + tap.Path) { Content = JsonContent.Create(tap.Body) };
        request.Headers.Add("Idempotency-Key", tap.Key);
        try
        {
            using var answer = await http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, $"{tap.Path}: {await answer.Content.ReadAsStringAsync()}");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
