using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Pms.Bench.Live;

namespace Pms.Bench.Faults;

/// <summary>
/// People who tap without a rest: one piece more, pause, resume, and again. A tap that was not acknowledged is sent again under its key
/// until it is; a refusal that is no fault of the moment is remembered as <see cref="Wrong"/>.
/// </summary>
internal sealed class Storm : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Verbs = ["report", "pause", "resume"];

    private readonly CancellationTokenSource stopped = new();
    private readonly Func<Uri> site;
    private readonly Task running;
    private int again;

    /// <param name="site">Where PMS listens now; after a kill it may be elsewhere.</param>
    /// <param name="rest">Between two taps of a person.</param>
    public Storm(Func<Uri> site, int people, TimeSpan rest = default)
    {
        this.site = site;
        running = Task.WhenAll(Enumerable.Range(1, people).Select(p => Task.Run(() => TapsAsync(p, rest))));
    }

    public ConcurrentQueue<string> Acknowledged { get; } = [];

    /// <summary>When each acknowledged tap was, and how many milliseconds it took, with all its sending again.</summary>
    public ConcurrentQueue<(long At, double Took)> Answers { get; } = [];

    /// <summary>Codes other than success, each with how often.</summary>
    public ConcurrentDictionary<HttpStatusCode, int> Refused { get; } = [];

    /// <summary>The longest any single request waited for an answer, milliseconds.</summary>
    public double Longest { get; private set; }

    public int Again => Volatile.Read(ref again);
    public string? Wrong { get; private set; }

    /// <summary>Waits until so many more are acknowledged.</summary>
    public async Task UntilAsync(int more, TimeSpan? limit = null)
    {
        var (goal, began) = (Acknowledged.Count + more, Stopwatch.GetTimestamp());
        while (Acknowledged.Count < goal)
        {
            if (Stopwatch.GetElapsedTime(began) > (limit ?? TimeSpan.FromSeconds(40)))
                throw new TimeoutException($"Only {Acknowledged.Count - goal + more} of {more} taps were acknowledged. {Wrong} {string.Join(", ", Refused)}");
            await Task.Delay(20);
        }
    }

    /// <summary>No more taps; those under way are brought to their end.</summary>
    public async Task StopAsync()
    {
        await stopped.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopped.Dispose();
    }

    private async Task TapsAsync(long person, TimeSpan rest)
    {
        HttpClient? http = null;
        for (var n = 0; !stopped.IsCancellationRequested; n++)
        {
            var verb = Verbs[n % Verbs.Count];
            var (key, began) = ($"{verb}-{person}-{n}", Stopwatch.GetTimestamp());
            while (!await SendAsync(verb, key))
            {
                Interlocked.Increment(ref again);
                if (Wrong is not null || stopped.IsCancellationRequested)
                    return;
                await Task.Delay(100);
            }
            Acknowledged.Enqueue(key);
            Answers.Enqueue((Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest);
        }
        http?.Dispose();

        async Task<bool> SendAsync(string verb, string key)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                http ??= await FaultPlant.SignInAsync(site(), person);
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(site(), $"/api/v1/jobs/{LivePlant.JobOf(person)}/{verb}"))
                {
                    Content = JsonContent.Create(verb == "report" ? (object)new { good = 1, reason = "storm" } : new { }),
                };
                request.Headers.Add("Idempotency-Key", key);
                using var answer = await http.SendAsync(request);
                if (answer.IsSuccessStatusCode)
                    return true;
                Refused.AddOrUpdate(answer.StatusCode, 1, (_, n) => n + 1);
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.InsufficientStorage))
                    Wrong ??= $"{verb}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                return false;   // gone, or broken off
            }
            catch (InvalidOperationException)
            {
                return false;   // the sign-in was refused: the database is away
            }
            finally
            {
                Longest = Math.Max(Longest, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            return false;
        }
    }
}
