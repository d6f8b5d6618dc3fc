using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace Pms.Bench.Floors.Live;

/// <summary>The bare broadcast beside PMS's boards: a tap commits the bare rows, then as many bytes as a board gets for a tap go to every client that watches.</summary>
internal sealed class BareBroadcast(BareTaps taps) : Hub
{
    public const string Path = "/broadcast", Shown = "Shown";
    private const string Boards = "boards";

    private static readonly ConcurrentDictionary<int, byte[]> Payloads = new();

    public Task WatchAsync() => Groups.AddToGroupAsync(Context.ConnectionId, Boards);

    public async Task TapAsync(long person, bool pauses, int bytes)
    {
        await taps.TapAsync(person, pauses);
        await Clients.Group(Boards).SendAsync(Shown, person, pauses, Payloads.GetOrAdd(bytes, n => new byte[n]));
    }
}
