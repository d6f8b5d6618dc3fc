using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Floor;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Tests.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Health;

/// <summary>What PMS measures of itself: nothing while nobody listens, and sent only where an address is set.</summary>
public sealed class TelemetryTests
{
    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.MySql)]
    public async Task Commands_are_measured_by_what_became_of_them_and_so_are_retries_and_pictures(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var telemetry = pms.Get<Telemetry>();
        Assert.False(telemetry.IsWatched);
        var measured = new ConcurrentQueue<string>();
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (ReferenceEquals(instrument.Meter, telemetry.Meter))
                    l.EnableMeasurementEvents(instrument);
            };
            void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? _) => measured.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}");
            listener.SetMeasurementEventCallback<double>(Note);
            listener.SetMeasurementEventCallback<long>(Note);
            listener.Start();
            Assert.True(telemetry.IsWatched);

            var commands = pms.Get<Commands>();
            Assert.Equal(7, await commands.RunAsync(TestPms.System, "try", "k1", new { }, _ => Task.FromResult(7)));
            await Assert.ThrowsAsync<RuleException>(() => commands.RunAsync<int>(TestPms.System, "try", "k2", new { }, _ => throw new RuleException("job.machine_busy")));
            var attempt = 0;
            Assert.Equal(2, await commands.RunAsync(TestPms.System, "try", "k3", new { }, _ => ++attempt == 1 ? throw new StaleException(1, 0) : Task.FromResult(attempt)));
            await pms.Get<Core.Departments.Calendars>().LoadAsync();
            await pms.Get<FloorBoards>().LoadAsync();
        }

        Assert.Equal(["pms.commands try ok", "pms.commands try job.machine_busy", "pms.db.retries changed", "pms.commands try ok", "pms.boards.rebuilds whole"], measured);
        Assert.False(telemetry.IsWatched);
    }

    [Fact]
    public async Task Measurements_go_to_the_receiver_that_is_set_and_nowhere_else()
    {
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var receiver = builder.Build();
        receiver.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(http.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await receiver.StartAsync();

        await using var floor = await JobFloor.StartAsync(Engine.MySql);
        var operatorRole = (await floor.Pms.Get<RoleService>().ListAsync(TestPms.System)).Single(r => r.Code == SeededRole.Operator).Id;
        await floor.Pms.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "ann", DisplayName = "Ann", RoleIds = [operatorRole], EmployeeId = 1 }, Visitors.Password);
        // A process of its own: meters are told apart by their name, and within this one other tests' plants have one of the same.
        using var pms = await PmsProcess.StartAsync("Development", $"--Data:Folder={TestRun.NewPath("measured")}", "--Database:Kind=mysql", $"--Database:ConnectionString={floor.Pms.Database.ConnectionString}",
            "--Security:PasswordWorkFactor=4", "--Plant:TimeZone=Europe/Berlin", $"--Telemetry:OtlpEndpoint={receiver.Urls.First()}", "--Telemetry:TracePercent=100", "--OTEL_METRIC_EXPORT_INTERVAL=200", "--OTEL_BSP_SCHEDULE_DELAY=200");
        using var http = new HttpClient { BaseAddress = pms.Address };
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new { userName = "ann", password = Visitors.Password });
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        using var started = await http.PostAsJsonAsync(new Uri($"/api/v1/jobs/{(await floor.OrderAsync(20))[JobFloor.Cut]}/start", UriKind.Relative), new { });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());

        foreach (var name in new[] { "pms.commands", "pms.outbox.oldest", "db.client.connections.usage", "http.server.request.duration", "dotnet.gc.collections" })
            await Eventually.TrueAsync(() => received.TryGetValue("/v1/metrics", out var sent) && sent.Contains(name, StringComparison.Ordinal), name);
        await Eventually.TrueAsync(() => received.TryGetValue("/v1/traces", out var sent) && sent.Contains("outcome", StringComparison.Ordinal), "the command's trace");
        Assert.DoesNotContain(received.Keys, path => path is not ("/v1/metrics" or "/v1/traces"));
    }

    [Fact]
    public async Task Without_an_address_nobody_listens()
    {
        await using var app = await WebApp.StartAsync();
        Assert.False(app.Get<Telemetry>().IsWatched);
    }
}
