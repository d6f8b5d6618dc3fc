using System.Diagnostics;
using Pms.Bench.Circuits;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>
/// Many pages with a half-typed figure lose their line together and come back together: the time until the last of them has answered a tap again.
/// The tap adds one to the figure, which only the server holds, so that a form that was not kept shows another sum.
/// </summary>
internal sealed class ReconnectBench : Bench
{
    private const int Typed = 41;

    public override string Name => "reconnect";
    public override string Usage => "reconnect --engine sqlite|mysql [--circuits 1000]";
    public override string What => "milliseconds until the last of so many circuits, all cut and all coming back at once, works again with what was typed in it, beside a bare Blazor form";

    public override async Task RunAsync(Options options, Report report)
    {
        var count = options.Number("circuits", 1_000);
        await using var database = await BenchDatabase.CreateAsync(options);
        await using var second = await database.BesideAsync(options);
        await using var pms = await LiveSite.PmsAsync(database, count);
        await using var bare = await LiveSite.BareAsync(second, count);
        foreach (var site in new[] { pms, bare })
        {
            var began = Stopwatch.GetTimestamp();
            await site.OpenFormsAsync(count, Typed);
            Report.Say($"  {(site == pms ? "PMS" : "floor")}: {count} forms typed into, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s, {site.Process.ResidentKiB / 1024} MiB");
        }
        var what = $"{database.Kind}, {count} circuits, ";
        var (last, half) = (new Comparison(what + "the last works", "ms", lessIsBetter: true), new Comparison(what + "half of them work", "ms", lessIsBetter: true, judged: false));
        var cpu = new Comparison(what + "the program's processor time", "ms per circuit", lessIsBetter: true, judged: false);
        var (kept, lost) = (0, 0);
        for (var round = 0; round <= options.Pairs; round++)
        {
            var (a, b) = (await CutAsync(pms, Typed + round), await CutAsync(bare, Typed + round));
            if (b.Lost > 0)
                throw new InvalidOperationException($"The floor lost {b.Lost} forms.");
            if (round == 0)
                continue;   // the first uncounted
            last.Add(a.Taken.Max(), b.Taken.Max());
            half.Add(Comparison.Median(a.Taken), Comparison.Median(b.Taken));
            cpu.Add(a.Cpu / count, b.Cpu / count);
            (kept, lost) = (kept + a.Taken.Count, lost + a.Lost);
        }
        report.Add(last);
        report.Add(half);
        report.Add(cpu);
        Report.Say($"  PMS: {kept} forms kept, {lost} lost");
    }

    /// <summary>Cuts all lines, lets all come back at the same moment, and adds one to the figure each holds. Milliseconds of each that showed the right sum.</summary>
    private static async Task<(List<double> Taken, double Cpu, int Lost)> CutAsync(LiveSite site, int figure)
    {
        var forms = site.Operators.ToList();
        await Task.WhenAll(forms.Select(f => f.Value.CutAsync()));
        var (before, began, lost) = (site.Process.Cpu, Stopwatch.GetTimestamp(), 0);
        List<double> taken = [];
        await Task.WhenAll(forms.Select(f => Task.Run(async () =>
        {
            var (person, circuit) = f;
            try
            {
                if (!await circuit.ReconnectAsync())
                    throw new InvalidOperationException("The server no longer has the circuit.");
                var shown = circuit.UntilAsync(n => site.IsFigure(n, person, figure + 1), TimeSpan.FromSeconds(60));
                await circuit.ClickAsync(IsPlus);
                var ms = Stopwatch.GetElapsedTime(began, await shown).TotalMilliseconds;
                lock (taken)
                    taken.Add(ms);
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException or IOException)
            {
                if (Interlocked.Increment(ref lost) == 1)
                    Report.Say($"  {person}: {e.Message}");
            }
        })));
        return (taken, (site.Process.Cpu - before).TotalMilliseconds, lost);
    }

    private static bool IsPlus(PageNode node) => node.Tag == "button" && node.InnerText == "+1";
}
