using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pms.Bench.Circuits;

/// <summary>Answers what a page asks of its browser: the session's storage is kept (also for a page that comes after in the same tab), a move is followed, anything else is done silently.</summary>
internal sealed partial class BrowserCalls(BrowserCalls? before = null)
{
    private readonly ConcurrentDictionary<string, string> stored = before?.stored ?? new();
    private string? move;

    /// <summary>The server's handle for events.</summary>
    public long Renderer { get; private set; }

    /// <summary>What the browser answers, as JSON.</summary>
    public string Answer(string name, string arguments, int result)
    {
        switch (name)
        {
            case "Blazor._internal.attachWebRendererInterop":
                Renderer = long.Parse(Handle().Match(arguments).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
                return "null";
            case "sessionStorage.getItem" or "localStorage.getItem":
                return stored.TryGetValue(name[..1] + Arguments(arguments)[0].GetString(), out var value) ? JsonSerializer.Serialize(value) : "null";
            case "sessionStorage.setItem" or "localStorage.setItem":
                stored[name[..1] + Arguments(arguments)[0].GetString()] = Arguments(arguments)[1].GetString() ?? "";
                return "null";
            case "sessionStorage.removeItem" or "localStorage.removeItem":
                stored.TryRemove(name[..1] + Arguments(arguments)[0].GetString(), out _);
                return "null";
            case "Blazor._internal.navigationManager.navigateTo":
                Interlocked.Exchange(ref move, Arguments(arguments)[0].GetString());
                return "null";
            case "mudThemeProvider.isDarkMode":
                return "false";
            default:
                return result == 1 ? """{"__jsObjectId":1}""" : "null";
        }
    }

    /// <summary>Where the server sent the page, once.</summary>
    public string? TakeMove() => Interlocked.Exchange(ref move, null);

    private static JsonElement[] Arguments(string json) => JsonSerializer.Deserialize<JsonElement[]>(json)!;

    [GeneratedRegex("""
        "__dotNetObject":(\d+)
        """)]
    private static partial Regex Handle();
}
