using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Tests.Support;
using Pms.Web.Security;

namespace Pms.Tests.Security;

/// <summary>Nobody keeps others from working by asking too often: not for pages, not for live connections, not by taps, not by going to another node.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task Opening_live_connections_is_counted()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Security:RateLimitPerMinute"] = "5" });
        using var http = app.Client();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
            statuses.Add(await StatusAsync(http, HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1"));
        Assert.Equal(50, statuses.Count(s => s == HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(http, HttpMethod.Get, "/_blazor"));   // without negotiating first, too
        Assert.NotEqual(HttpStatusCode.TooManyRequests, await StatusAsync(http, HttpMethod.Get, "/login"));   // pages are counted apart
    }

    [Fact]
    public async Task Every_answer_of_the_API_says_how_often_one_may_ask_and_how_often_still()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Security:RateLimitPerMinute"] = "5" });
        var nomsa = new Actor { UserId = await app.UserAsync("nomsa"), Name = "Nomsa" };
        var (_, token) = await app.Get<ApiKeyService>().CreateAsync(nomsa, new CreateApiKey { Name = "ERP", Permissions = [Permissions.OrdersView], PerMinute = 3, ExpiresOn = app.Get<PlantClock>().Today.AddDays(3) });
        using HttpClient program = app.Client(), person = await app.ApiAsync("nomsa"), stranger = app.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", token);

        // A key has its own number, a person ten times the setting, a stranger the setting; refusals count and say so too.
        Assert.Equal([(200, "3", "2"), (404, "3", "1"), (400, "3", "0"), (429, "3", "0")],
            [await AskAsync(program, "orders", 3), await AskAsync(program, "orders/987654", 3), await AskAsync(program, "orders?limit=0", 3), await AskAsync(program, "orders", 3)]);
        Assert.Equal((200, "50", "49"), await AskAsync(person, "auth/me", 50));
        Assert.Equal((401, "5", "3"), await AskAsync(stranger, "auth/me", 5));   // the sign-in of before came from the same address

        static async Task<(int, string, string)> AskAsync(HttpClient http, string path, int quota)
        {
            using var answer = await http.GetAsync(new Uri("/api/v1/" + path, UriKind.Relative));
            string Header(string name) => answer.Headers.GetValues(name).Single();
            Assert.Equal($"\"minute\";q={quota};w=60", Header("RateLimit-Policy"));
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
            return ((int)answer.StatusCode, Header("RateLimit-Limit"), Header("RateLimit-Remaining"));
        }
    }

    [Fact]
    public Task Ten_thousand_taps_at_once_are_worked_off_at_a_persons_pace_and_then_cut() => Task.Run(async () =>   // apart from the test's own queue, so that the clock wakes the waiting at once
    {
        var time = new FakeTimeProvider();
        var limit = new TapLimit(time, NullLogger<TapLimit>.Instance);
        await using var services = new ServiceCollection().BuildServiceProvider();
        var (caller, other) = (new Caller(), new Caller());
        var done = 0;
        async Task TapAsync(Caller by) => await limit.InvokeMethodAsync(new HubInvocationContext(by, services, new Nothing(), typeof(object).GetMethod(nameof(ToString))!, []), _ =>
        {
            done++;
            return ValueTask.FromResult<object?>(null);
        });
        async Task StormAsync()
        {
            for (var i = 0; i < 10_000 && !caller.Aborted; i++)
                await TapAsync(caller);   // a connection's messages come one after the other
        }

        var storm = StormAsync();
        Assert.Equal(TapLimit.Burst, done);
        for (var second = 1; second <= 5; second++)
        {
            for (var i = 0; i < 100; i++)
                time.Advance(TimeSpan.FromMilliseconds(10));
            Assert.InRange(done, TapLimit.Burst, TapLimit.Burst + (second * TapLimit.PerSecond) + 1);
        }
        var before = done;
        await TapAsync(other);
        Assert.Equal(before + 1, done);   // nobody else waits
        for (var i = 0; i < 20_000 && !storm.IsCompleted; i++)
            time.Advance(TimeSpan.FromMilliseconds(10));
        await storm;
        Assert.True(caller.Aborted);
        Assert.InRange(done, TapLimit.Burst, TapLimit.Burst + TapLimit.MostLate + 2);
    });

    [Fact]
    public async Task The_limit_of_taps_stands_before_every_circuit()
    {
        await using var app = await WebApp.StartAsync();
        var hub = typeof(Microsoft.AspNetCore.Components.Server.CircuitOptions).Assembly.GetType("Microsoft.AspNetCore.Components.Server.ComponentHub", true)!;
        var options = ((IOptions<HubOptions>)app.Get<IServiceProvider>().GetRequiredService(typeof(IOptions<>).MakeGenericType(typeof(HubOptions<>).MakeGenericType(hub)))).Value;
        var filters = (System.Collections.IEnumerable?)typeof(HubOptions).GetProperty("HubFilters", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(options);
        Assert.NotEmpty(filters!.Cast<object>());
    }

    [Fact]
    public async Task Two_nodes_count_together_by_Redis_and_each_for_itself_when_it_is_gone()
    {
        using var redis = await RedisServer.StartAsync();
        await using var app = await WebApp.StartAsync(redisUrl: redis.Url, set: new Dictionary<string, string?> { ["Security:RateLimitPerMinute"] = "30" });
        await using var other = await app.AnotherNodeAsync();
        using HttpClient here = app.Client(), there = other.Client();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 34; i++)
            statuses.Add(await StatusAsync(i % 2 == 0 ? here : there, HttpMethod.Get, "/api/v1/auth/me"));
        Assert.InRange(statuses.Count(s => s == HttpStatusCode.Unauthorized), 30, 32);   // a minute that begins in between lets a few more through
        Assert.Equal([HttpStatusCode.TooManyRequests], statuses[^2..].Distinct());

        redis.Kill();
        await Eventually.TrueAsync(async () => await StatusAsync(here, HttpMethod.Get, "/api/v1/auth/me") == HttpStatusCode.Unauthorized);   // its own count begins at nothing
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private sealed class Nothing : Hub;

    private sealed class Caller : HubCallerContext
    {
        private readonly CancellationTokenSource aborted = new();
        public bool Aborted { get; private set; }
        public override string ConnectionId => "c";
        public override string? UserIdentifier => null;
        public override System.Security.Claims.ClaimsPrincipal? User => null;
        public override IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();
        public override IFeatureCollection Features { get; } = new FeatureCollection();
        public override CancellationToken ConnectionAborted => aborted.Token;

        public override void Abort()
        {
            Aborted = true;
            aborted.Cancel();
        }
    }
}
