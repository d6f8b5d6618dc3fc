using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Components.Server.ProtectedBrowserStorage;
using Microsoft.JSInterop;

namespace Pms.Web.Shared;

/// <summary>
/// What a person typed and has not sent yet, with the idempotency key it will be sent under: written to the browser's session a second after
/// the last keystroke, back in any new circuit on any node. A resend of a restored draft carries the same key, so it does nothing twice.
/// </summary>
/// <param name="storage">The browser's own session storage, sealed by the server.</param>
/// <param name="time">For the second of patience.</param>
/// <param name="name">One per form and person; a shared terminal must not show one person's figures to the next.</param>
/// <param name="dispatch">The page's InvokeAsync: the browser is spoken to on the page's own thread only.</param>
public sealed class Draft<T>(ProtectedSessionStorage storage, TimeProvider time, string name, Func<Func<Task>, Task> dispatch) : IDisposable where T : class
{
    /// <summary>Longer ago than this, what was typed is about another day's work.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(12);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private ITimer? timer;
    private bool stored;

    /// <summary>What was typed; null when nothing is under way.</summary>
    public T? Value { get; private set; }

    /// <summary>Made when the action is offered, the same until <see cref="ClearAsync"/>.</summary>
    public string Key { get; private set; } = NewKey();

    public static string NewKey() => Guid.NewGuid().ToString("N");

    /// <summary>The action is offered: an empty form with a fresh key. Nothing is stored until something is typed.</summary>
    public void Begin(T value) => (Value, Key) = (value, NewKey());

    /// <summary>Something was typed; it is written a second later, once per burst of keystrokes.</summary>
    public void Changed(T value)
    {
        Value = value;
        timer ??= time.CreateTimer(_ => _ = dispatch(SaveAsync), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reads what an earlier circuit left; false when there is nothing, or nothing readable. Call it after the first render.</summary>
    public async Task<bool> RestoreAsync()
    {
        try
        {
            var found = await storage.GetAsync<Envelope>(name);
            if (!found.Success || found.Value is not { Value: not null } kept || time.GetUtcNow() - kept.At > Kept)
            {
                return false;
            }

            (Value, Key, stored) = (kept.Value, kept.Key, true);
            return true;
        }
        catch (Exception e) when (Unreadable(e))
        {
            return false;
        }
    }

    /// <summary>Sent and answered, or given up: the next action gets a new key.</summary>
    public async Task ClearAsync()
    {
        timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        (Value, Key) = (null, NewKey());
        if (!stored)
        {
            return;
        }

        stored = false;
        try
        {
            await storage.DeleteAsync(name);
        }
        catch (Exception e) when (Gone(e))
        {
            stored = true; // the browser is away; its old draft is then answered again under its old key, which does nothing twice
        }
    }

    public void Dispose() => timer?.Dispose();

    private async Task SaveAsync()
    {
        if (Value is null)
        {
            return;
        }

        try
        {
            await storage.SetAsync(name, new Envelope(Value, Key, time.GetUtcNow()));
            stored = true;
        }
        catch (Exception e) when (Gone(e))
        {
            timer?.Change(Patience, Timeout.InfiniteTimeSpan); // no browser just now: again when it is back; a circuit that ends ends the timer
        }
    }

    private static bool Gone(Exception e) => e is JSDisconnectedException or TaskCanceledException or JSException or InvalidOperationException;

    private static bool Unreadable(Exception e) => Gone(e) || e is CryptographicException or JsonException;

    private sealed record Envelope(T? Value, string Key, DateTimeOffset At);
}
