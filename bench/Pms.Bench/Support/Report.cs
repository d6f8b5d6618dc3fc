using System.Text.Json;

namespace Pms.Bench.Support;

/// <summary>PMS and its floor side by side, pair by pair; one run on a shared machine says little, the median of the pairs' ratios says more.</summary>
/// <param name="judged">False for a figure that is only told, such as a p99 that has a limit of its own.</param>
internal sealed class Comparison(string what, string unit, bool lessIsBetter = false, bool judged = true)
{
    private readonly List<(double Pms, double Floor)> pairs = [];

    public string What => what;
    public string Unit => unit;
    public bool LessIsBetter => lessIsBetter;
    public bool Judged => judged;
    public double Pms => Median(pairs.Select(p => p.Pms));
    public double Floor => Median(pairs.Select(p => p.Floor));
    public double Ratio => Median(Ratios);
    public double Lowest => Ratios.Min();
    public double Highest => Ratios.Max();
    public IEnumerable<(double Pms, double Floor)> Pairs => pairs;

    private IEnumerable<double> Ratios => pairs.Select(p => p.Pms / p.Floor);

    public void Add(double pms, double floor) => pairs.Add((pms, floor));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that at least <paramref name="share"/> of the values don't exceed.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double share) => values.Order().ElementAt(Math.Clamp((int)Math.Ceiling(values.Count * share) - 1, 0, values.Count - 1));
}

/// <summary>Collects a bench's comparisons, prints each as it is done, and closes with the worst of them on one line.</summary>
internal sealed class Report(string name)
{
    private readonly List<Comparison> comparisons = [];

    public static void Say(string line) => Console.WriteLine(line);

    public void Add(Comparison c)
    {
        comparisons.Add(c);
        Say($"{c.What}: ratio {c.Ratio:0.00} ({c.Lowest:0.00}–{c.Highest:0.00} over {c.Pairs.Count()} pairs), PMS {c.Pms:0.##}, floor {c.Floor:0.##} {c.Unit}");
    }

    public async Task CloseAsync(string? json)
    {
        var worst = comparisons.Where(c => c.Judged).MaxBy(c => c.LessIsBetter ? c.Ratio : 1 / c.Ratio) ?? throw new InvalidOperationException("Nothing was measured.");
        if (json is not null)
        {
            var figures = new
            {
                name, ratio = worst.Ratio, pms = worst.Pms, floor = worst.Floor, unit = worst.Unit, at = DateTimeOffset.UtcNow, cores = Environment.ProcessorCount,
                cases = comparisons.Select(c => new { c.What, c.Unit, c.Ratio, c.Lowest, c.Highest, c.Pms, c.Floor, pairs = c.Pairs.Select(p => new { p.Pms, p.Floor }) }),
            };
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(figures, Json));
        }
        Say($"{name} ratio={worst.Ratio:0.00} pms={worst.Pms:0.##} floor={worst.Floor:0.##} unit={worst.Unit}");
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
