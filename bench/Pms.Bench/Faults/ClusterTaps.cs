using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Circuits;
using Pms.Bench.Live;
using Pms.Bench.Support;
using Pms.Core.Data;

namespace Pms.Bench.Faults;

/// <summary>
/// A storm of taps by HTTP: each person reports one piece after the other on a job of their own, each under a key, sent again under the same key
/// until it is answered; one in ten is sent once more after its answer. Acknowledged is what was answered with success.
/// </summary>
internal sealed class ClusterTaps : IDisposable
{
    private readonly ConcurrentDictionary<long, int> acknowledged = new(), unanswered = new();
    private readonly ConcurrentBag<string> refused = [];
    private readonly ConcurrentBag<double> waits = [];
    private readonly Dictionary<long, HttpClient> people = [];
    private int resent;

    public static async Task<ClusterTaps> SignInAsync(Uri site, IEnumerable<long> people)
    {
        var taps = new ClusterTaps();
        foreach (var person in people)
        {
            var visitor = new Visitor(site);
            var http = new HttpClient(new SocketsHttpHandler { CookieContainer = visitor.Cookies, SslOptions = { RemoteCertificateValidationCallback = visitor.Trust } }) { BaseAddress = site, Timeout = TimeSpan.FromSeconds(12) };
            using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { employeeNumber = LivePlant.NumberOf(person), pin = LivePlant.Pin });
            answer.EnsureSuccessStatusCode();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString());
            taps.people[person] = http;
        }
        return taps;
    }

    /// <summary>Until <paramref name="enough"/>; what is under way then is still brought to its answer.</summary>
    public Task RunAsync(CancellationToken enough) => Task.WhenAll(people.Select(p => Task.Run(async () =>
    {
        while (!enough.IsCancellationRequested)
            await OneAsync(p.Key, p.Value);
    }, CancellationToken.None)));

    /// <summary>Holds what is stored against what was answered.</summary>
    public async Task JudgeAsync(DbSettings database, string folder, ClusterOracle oracle)
    {
        await using var services = LivePlant.Bare(database, folder);
        var db = services.GetRequiredService<Db>();
        int stored = 0, lost = 0, doubled = 0, answered = acknowledged.Values.Sum(), open = unanswered.Values.Sum();
        foreach (var person in people.Keys)
        {
            var job = LivePlant.JobOf(person);
            var pieces = await db.ScalarAsync<long>("SELECT COALESCE(SUM(good), 0) FROM job_reports WHERE job_id = @job", new { job }) / DbValue.Scale;
            var (sure, perhaps) = (acknowledged.GetValueOrDefault(person), unanswered.GetValueOrDefault(person));
            stored += (int)pieces;
            lost += (int)Math.Max(0, sure - pieces);
            doubled += (int)Math.Max(0, pieces - sure - perhaps);
        }
        var rows = await db.ScalarAsync<long>("SELECT COUNT(*) FROM job_reports");
        var (audited, keys, sent) = (await db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'job.report'"), await db.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency WHERE command LIKE '%report%'"),
            await db.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE kind = 'job.report'"));
        var sorted = waits.Order().ToList();
        ClusterOracle.Say($"acknowledged {answered}, never answered {open}, stored {stored}, doubled {doubled}, lost {lost}; sent again {resent}; an answer took {Quantile(0.5):0} ms (p50), {Quantile(0.99):0} ms (p99), {Quantile(1) / 1000:0.0} s at most");
        ClusterOracle.Say($"rows: reports {rows}, audit {audited}, keys {keys}, outbox {sent}");
        oracle.Demand(answered > 0, "taps were acknowledged");
        oracle.Demand(lost == 0, "no acknowledged tap is missing");
        oracle.Demand(doubled == 0, "none is stored twice");
        oracle.Demand(rows == stored && audited == rows && keys == rows, "each has its audit entry and its key");
        oracle.Demand(refused.IsEmpty, $"none was refused{string.Concat(refused.Distinct().Take(3).Select(r => "; " + r))}");
        if (!refused.IsEmpty)
            foreach (var line in Directory.EnumerateFiles(folder, "error-*.log", SearchOption.AllDirectories).SelectMany(File.ReadLines).Where(l => l.Contains("Exception", StringComparison.Ordinal)).Distinct().Take(8))
                ClusterOracle.Say(line);

        double Quantile(double share) => sorted.Count == 0 ? 0 : Comparison.Quantile(sorted, share);
    }

    public void Dispose()
    {
        foreach (var http in people.Values)
            http.Dispose();
    }

    private async Task OneAsync(long person, HttpClient http)
    {
        var (key, began) = (Guid.NewGuid().ToString("N"), Stopwatch.GetTimestamp());
        for (var attempt = 1; ; attempt++)
        {
            var status = await SendAsync(person, http, key);
            if (status is >= 200 and < 300)
                break;
            if (status is >= 400 and < 500 and not 409 and not 429)
            {
                refused.Add($"{status}");
                return;
            }
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2))
            {
                unanswered.AddOrUpdate(person, 1, (_, n) => n + 1);
                return;
            }
            Interlocked.Increment(ref resent);
            await Task.Delay(Random.Shared.Next(100, 400));
        }
        waits.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        acknowledged.AddOrUpdate(person, 1, (_, n) => n + 1);
        if (Random.Shared.Next(10) == 0)
            await SendAsync(person, http, key);   // its twin, late
    }

    /// <summary>The answer's status; 0 where none came.</summary>
    private static async Task<int> SendAsync(long person, HttpClient http, string key)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/jobs/{LivePlant.JobOf(person)}/report", UriKind.Relative)) { Content = JsonContent.Create(new { good = 1 }) };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await http.SendAsync(request);
            return answer.StatusCode == HttpStatusCode.InternalServerError ? 499 : (int)answer.StatusCode;   // a fault of PMS's own is never tried again
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            return 0;
        }
    }
}
