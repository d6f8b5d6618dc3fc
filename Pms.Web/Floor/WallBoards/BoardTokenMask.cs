using Serilog.Core;
using Serilog.Events;

namespace Pms.Web.Floor.WallBoards;

/// <summary>Keeps wall boards' tokens out of every log: whoever reads a log must not be able to open a board.</summary>
public sealed class BoardTokenMask : ILogEventEnricher
{
    private const string Prefix = "/board/";

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToList())
            if (value is ScalarValue { Value: string text } && Masked(text) is { } masked)
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(masked)));
    }

    /// <summary>The text with the token replaced; null where there is none.</summary>
    public static string? Masked(string text)
    {
        var at = text.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var from = at + Prefix.Length;
        var to = text.AsSpan(from).IndexOfAny(" /?#\"'");
        return to == 0 || from == text.Length ? null : string.Concat(text.AsSpan(0, from), "•••", to < 0 ? "" : text.AsSpan(from + to));
    }
}
