using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pms.Bench.Floors;
using Pms.Bench.Support;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity.SignIns;

namespace Pms.Bench.Commands;

/// <summary>Start and finish by HTTP with a bearer token against PMS as a process, beside the bare API as a process over the same database.</summary>
internal static class ApiBench
{
    private static readonly Tap[] Taps = [Tap.Start, Tap.Finish];

    public static async Task RunAsync(Options options, Report report)
    {
        var clients = options.Numbers("clients", "1,32");
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var services = await Seed.StartAsync(database, clients.Max());
        var db = services.GetRequiredService<Db>();
        var pins = new List<string>();
        for (var person = 1; person <= clients.Max(); person++)
            pins.Add(await services.GetRequiredService<EmployeeCredentials>().IssuePinAsync(Actor.System("bench"), person));

        using var pms = await PmsProcess.StartAsync(database);
        var secret = Guid.NewGuid().ToString("N");
        var bareAddress = new Uri($"http://127.0.0.1:{TestRun.FreePort()}");
        using var bare = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pms.Bench.dll"), BareApi.Command, "--url", bareAddress.ToString(), "--secret", secret,
            "--engine", database.Kind, "--database", database.Settings.ConnectionString]);
        await PmsProcess.UntilReadyAsync(bare, bareAddress);

        var ofPms = new List<HttpClient>();
        var ofBare = new List<HttpClient>();
        for (var person = 1; person <= clients.Max(); person++)
        {
            ofPms.Add(Client(pms.Address, await TokenAsync(pms.Address, $"E{person:0000}", pins[person - 1])));
            ofBare.Add(Client(bareAddress, BareApi.TokenOf(person, secret)));
        }

        var next = 1L;
        var round = TimeSpan.FromSeconds(Math.Max(1, options.Seconds(80) / (2.0 * clients.Count * options.Pairs)));
        foreach (var n in clients)
        {
            double[] fastest = [200, 500];
            async Task<double> RateAsync(TimeSpan time, int side)
            {
                var orders = n + (int)(1.5 * fastest[side] * time.TotalSeconds / (Seed.Stages * Taps.Length));
                await Seed.OrdersAsync(db, next, orders);
                var http = side == 0 ? ofPms : ofBare;
                var (rate, _) = await Load.RateAsync(next, orders, n, time, (tap, order, stage, person, key) => SendAsync(http[(int)person - 1], tap, order, stage, person, key), Taps);
                fastest[side] = Math.Max(fastest[side], rate);
                next += orders;
                return rate;
            }

            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < options.Warm(n == clients[0]);)   // both sides as warm as a server that has run for minutes
            {
                await RateAsync(round / 2, 1);
                await RateAsync(round, 0);
            }
            var comparison = new Comparison($"API on {database.Kind}, {n} client{(n == 1 ? "" : "s")}", "commands/s");
            for (var pair = 0; pair < options.Pairs; pair++)
                comparison.Add(await RateAsync(round, 0), await RateAsync(round, 1));
            report.Add(comparison);
        }
        foreach (var http in ofPms.Concat(ofBare))
            http.Dispose();
    }

    private static async Task SendAsync(HttpClient http, Tap tap, long order, int stage, long person, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/jobs/{Seed.JobOf(order, stage)}/{(tap == Tap.Start ? "start" : "finish")}", UriKind.Relative));
        request.Content = tap == Tap.Start ? JsonContent.Create(new { machineId = person }) : JsonContent.Create(new { good = Seed.Quantity });
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{request.RequestUri} answered {(int)answer.StatusCode}: {text}");
    }

    private static HttpClient Client(Uri address, string token)
    {
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static async Task<string> TokenAsync(Uri address, string number, string pin)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { employeeNumber = number, pin });
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{number} could not sign in: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("accessToken").GetString()!;
    }
}
