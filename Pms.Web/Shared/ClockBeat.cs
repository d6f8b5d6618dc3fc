using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Pms.Web.Shared;

/// <summary>
/// The one tick of a page: all its clocks count from the moment the page was put into the browser, so that one animated number moves them all
/// and a redraw changes nothing. A phone that slept has not counted; when its connection comes back the page begins anew from the true time.
/// </summary>
public sealed class ClockBeat(TimeProvider time) : CircuitHandler
{
    private bool _wasDown;

    /// <summary>When the page's tick stood at zero.</summary>
    public DateTimeOffset Epoch { get; private set; } = time.GetUtcNow();

    /// <summary>The tick began anew; everything that counts by it draws itself again.</summary>
    public event Action? Began;

    public void Begin()
    {
        Epoch = time.GetUtcNow();
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
