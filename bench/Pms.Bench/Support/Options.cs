using System.Globalization;

namespace Pms.Bench.Support;

/// <summary>What was asked for on the command line: <c>--name value</c> or <c>--flag</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> given = [];

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                throw new ArgumentException($"'{args[i]}' is no option; options are --name value.");
            var hasValue = i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal);
            options.given[args[i][2..]] = hasValue ? args[++i] : "";
        }
        return options;
    }

    public string? Text(string name) => given.GetValueOrDefault(name);
    public string Text(string name, string otherwise) => given.GetValueOrDefault(name, otherwise);
    public bool Has(string name) => given.ContainsKey(name);
    public int Number(string name, int otherwise) => given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    public IReadOnlyList<int> Numbers(string name, string otherwise) => [.. Text(name, otherwise).Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    public int Pairs => Math.Max(5, Number("pairs", 5));

    /// <summary>How long both sides run uncounted: <c>--warm</c> seconds before the first case, a quarter of it before each other one.</summary>
    public TimeSpan Warm(bool first) => TimeSpan.FromSeconds(Number("warm", 20) / (first ? 1.0 : 4));

    public int Seconds(int otherwise) => Number("seconds", otherwise);
}
