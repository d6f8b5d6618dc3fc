using System.Diagnostics;
using Pms.Bench.Circuits;
using Pms.Bench.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>People with the report sheet open and a figure half typed while nodes go, beside a few who tap without a pause.</summary>
internal static class ClusterPeople
{
    private const int Tappers = 4;

    public static Task RollingAsync(Options options, ClusterOracle oracle) => RunAsync(options, oracle, async (servers, people) =>
    {
        foreach (var node in new[] { "web1", "web2" })
        {
            await TypeAsync(people);
            await servers.SayAsync($"stop {node}");
            ClusterOracle.Say($"{node} stopped");
            await BackAsync(people);
            await servers.SayAsync($"start {node}");
            await Task.Delay(TimeSpan.FromSeconds(3));   // the proxy looks twice before it trusts
        }
    });

    public static Task KilledAsync(Options options, ClusterOracle oracle) => RunAsync(options, oracle, async (servers, people) =>
    {
        await TypeAsync(people);
        var there = people.Count(p => p.Node == "a");
        await servers.SayAsync("kill web1");
        ClusterOracle.Say($"web1 killed{(there > 0 ? $", people on it: {there}" : "")}");
        await BackAsync(people);
        // nginx tells nobody which node it chose.
        oracle.Demand(there > 0 ? people.All(p => p.Broken == (p.FirstNode == "a" ? 1 : 0)) : people.Any(p => p.Broken == 0) && people.All(p => p.Broken <= 1), "who was on the other node noticed nothing");
    });

    private static async Task RunAsync(Options options, ClusterOracle oracle, Func<ClusterServers, List<Person>, Task> breaks)
    {
        var count = options.Number("people", 12);
        await using var servers = await ClusterServers.StartAsync(galera: false, options);
        await ClusterStorm.PlantAsync(servers, count + Tappers);
        await servers.WebAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));   // the proxy looks twice before it trusts
        List<Person> people = [];
        foreach (var number in Enumerable.Range(1, count))
            people.Add(await Person.OpenAsync(servers.Site, number));
        if (people.Any(p => p.Node.Length > 0))
            ClusterOracle.Say($"{people.Count(p => p.Node == "a")} people on web1, {people.Count(p => p.Node == "b")} on web2");
        using var taps = await ClusterTaps.SignInAsync(servers.Site, Enumerable.Range(count + 1, Tappers).Select(p => (long)p));
        using var enough = new CancellationTokenSource();
        var storm = taps.RunAsync(enough.Token);
        try
        {
            await breaks(servers, people);
        }
        finally
        {
            await enough.CancelAsync();
            await storm;
        }
        var back = people.SelectMany(p => p.Waits).Order().ToList();
        ClusterOracle.Say($"pages that broke {people.Sum(p => p.Broken)}, signed out {people.Sum(p => p.SignedOut)}, drafts kept {people.Sum(p => p.Kept)}, lost {people.Sum(p => p.LostDrafts)}; of figures typed in the last second kept {people.Sum(p => p.LateKept)} of {people.Sum(p => p.Late)}"
            + (back.Count == 0 ? "" : $"; back after {Comparison.Quantile(back, 0.5):0.0} s (p50), {back[^1]:0.0} s (the last)"));
        oracle.Demand(people.Sum(p => p.Broken) > 0, "pages broke at all");
        oracle.Demand(people.Sum(p => p.SignedOut) == 0, "nobody was signed out");
        oracle.Demand(people.Sum(p => p.LostDrafts) == 0, "what was typed until a second before is there again");
        oracle.Demand(back.Count > 0 && back[^1] < 15, "everybody was back within 15 s");
        await taps.JudgeAsync(servers.Database, servers.Folder, oracle);
        foreach (var person in people)
            await person.DisposeAsync();
    }

    /// <summary>Everybody types a digit and rests for more than a second; then every other one types one more.</summary>
    private static async Task TypeAsync(List<Person> people)
    {
        await Task.WhenAll(people.Select(p => p.TypeAsync(late: false)));
        await Task.Delay(TimeSpan.FromSeconds(2));
        await Task.WhenAll(people.Where((_, i) => i % 2 == 0).Select(p => p.TypeAsync(late: true)));
    }

    private static Task BackAsync(List<Person> people) => Task.WhenAll(people.Select(p => p.BackAsync()));

    /// <summary>One tab of one person: it comes back by itself when its line breaks, as a browser's does.</summary>
    private sealed class Person : IAsyncDisposable
    {
        private readonly Visitor visitor;
        private readonly long id;
        private Circuit page;
        private Task watching = Task.CompletedTask;
        private string typed = "", late = "";

        private Person(Visitor visitor, long id, Circuit page) => (this.visitor, this.id, this.page, FirstNode) = (visitor, id, page, NodeOf(visitor));

        public string FirstNode { get; }
        public string Node => NodeOf(visitor);
        public bool IsGone => coming || page.Ended.IsCompleted;
        public int Broken { get; private set; }
        public int SignedOut { get; private set; }
        public int Kept { get; private set; }
        public int LostDrafts { get; private set; }
        public int Late { get; private set; }
        public int LateKept { get; private set; }
        public List<double> Waits { get; } = [];

        public static async Task<Person> OpenAsync(Uri site, long id)
        {
            var visitor = new Visitor(site);
            await visitor.SignInWithPinAsync(LivePlant.NumberOf(id), LivePlant.Pin);
            var person = new Person(visitor, id, await Circuit.OpenAsync(visitor, "/operator", n => IsJob(n, id)));
            await person.page.ClickAsync(n => n.Tag == "button" && n["class"]?.Contains("btn-primary first", StringComparison.Ordinal) == true && Above(n, a => IsJob(a, id)));
            await person.page.UntilAsync(IsFigure);
            person.watching = person.WatchAsync();
            return person;
        }

        public async Task TypeAsync(bool late)
        {
            var digit = "123456789"[Random.Shared.Next(9)].ToString();
            await page.ClickAsync(n => n.Tag == "button" && n.InnerText.Trim() == digit && Above(n, a => a["class"] == "keys"));
            var now = typed + digit;
            await page.UntilAsync(n => IsFigure(n) && Digits(n) == now);
            if (late)
                this.late = now;
            else
                (typed, this.late) = (now, "");
        }

        /// <summary>Returns when the page stands again, if it broke.</summary>
        public async Task BackAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1));   // a line that is cut may be noticed a moment later
            while (IsGone)
            {
                if (watching.IsFaulted)
                    await watching;
                await Task.Delay(50);
            }
            if (late.Length > 0)
                (typed, late) = (page.Read(p => Digits(p.Find(IsFigure)!)), "");
        }

        public async ValueTask DisposeAsync()
        {
            leaving = true;
            await page.DisposeAsync();
            await watching;
        }

        private volatile bool leaving, coming;

        private async Task WatchAsync()
        {
            while (true)
            {
                await page.Ended;
                if (leaving)
                    return;
                var began = Stopwatch.GetTimestamp();
                (coming, Broken) = (true, Broken + 1);
                while (!await IsBackAsync())
                    ;
                Waits.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
                coming = false;
            }
        }

        /// <summary>The page once more; false where its node went, too, before it showed what was typed.</summary>
        private async Task<bool> IsBackAsync()
        {
            page = await OpenAgainAsync();
            try
            {
                await page.UntilAsync(n => IsFigure(n) && (Digits(n) == typed || late.Length > 0 && Digits(n) == late), TimeSpan.FromSeconds(10));
                Kept++;
                if (late.Length > 0)
                    (Late, LateKept) = (Late + 1, LateKept + (page.Read(p => Digits(p.Find(IsFigure)!)) == late ? 1 : 0));
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException)
            {
                if (page.Ended.IsCompleted)
                    return false;
                LostDrafts++;
            }
            return true;
        }

        private async Task<Circuit> OpenAgainAsync()
        {
            while (true)
            {
                try
                {
                    return await Circuit.OpenAsync(visitor, "/operator", n => IsJob(n, id), page);
                }
                catch (SignedOutException)
                {
                    SignedOut++;
                    await visitor.SignInWithPinAsync(LivePlant.NumberOf(id), LivePlant.Pin);
                }
                catch (Exception e) when (e is HttpRequestException or InvalidOperationException or IOException or TaskCanceledException or TimeoutException or System.Net.WebSockets.WebSocketException or AggregateException)
                {
                    await Task.Delay(250);
                }
            }
        }

        private static string NodeOf(Visitor visitor) => visitor.Cookies.GetCookies(visitor.Site)["pms-node"]?.Value ?? "";

        private static bool IsJob(PageNode node, long person) => node.Tag == "article" && node["data-job"] == $"{LivePlant.JobOf(person)}";

        /// <summary>The figure over the keypad.</summary>
        private static bool IsFigure(PageNode node) => node.Tag == "span" && node["class"] == "cut" && node.Parent?.Tag == "output";

        private static string Digits(PageNode node) => string.Concat(node.InnerText.Where(char.IsAsciiDigit));

        private static bool Above(PageNode node, Func<PageNode, bool> fits)
        {
            for (var above = node.Parent; above is not null; above = above.Parent)
                if (fits(above))
                    return true;
            return false;
        }
    }
}
