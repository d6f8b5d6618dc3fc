using System.Globalization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Pms.Web.Shared;

/// <summary>
/// The one tick of a page: its clocks say when they began, counted from one moment of this node (<see cref="ClockOrigin"/>), and how long after that
/// the page was put into the browser stands once, around them all. So one animated number moves them, a redraw changes nothing, and what is drawn of a
/// clock is the same text on every page. A phone that slept has not counted; when its connection comes back the page begins anew from the true time.
/// </summary>
public sealed class ClockBeat(ClockOrigin origin, TimeProvider time) : CircuitHandler
{
    private bool _wasDown;

    /// <summary>Seconds from the origin to when the page's tick stood at zero: the value of --beat.</summary>
    public string Start { get; private set; } = "0";

    /// <summary>The tick began anew; the clocks themselves stay as they are drawn.</summary>
    public event Action? Began;

    public void Begin()
    {
        Start = ClockOrigin.Seconds(time.GetUtcNow() - origin.At);
        Began?.Invoke();
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _wasDown = true;
        return Task.CompletedTask;
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_wasDown)
        {
            _wasDown = false;
            Begin();
        }

        return Task.CompletedTask;
    }
}

/// <summary>What the clocks of all pages are counted from: the start of this node, because a browser may calculate with few digits.</summary>
public sealed class ClockOrigin(TimeProvider time)
{
    public DateTimeOffset At { get; } = time.GetUtcNow();

    /// <summary>The value of --from of a clock that began then, with what it had counted before.</summary>
    public string From(DateTimeOffset since, TimeSpan before = default) => Seconds(before + (At - since));

    /// <summary>As a style sheet reads it, whatever the reader's way of writing numbers.</summary>
    public static string Seconds(TimeSpan span) => Math.Round(span.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}
