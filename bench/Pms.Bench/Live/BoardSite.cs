using System.Diagnostics;
using Microsoft.AspNetCore.SignalR.Client;
using Pms.Bench.Circuits;
using Pms.Bench.Floors.Live;
using Pms.Bench.Support;

namespace Pms.Bench.Live;

/// <summary>One department's operators and many boards that all show it: PMS's floor boards, or clients of a plain broadcast.</summary>
internal abstract class BoardSite : IAsyncDisposable
{
    private readonly List<BoardWaits> boards = [];

    public int Boards => boards.Count;
    public abstract ChildProcess Process { get; }

    /// <summary>Bytes that reached the boards.</summary>
    public abstract long Bytes { get; }

    /// <summary>Messages that brought the boards something to draw.</summary>
    public abstract long Messages { get; }

    /// <summary>Opens so many boards, four at a time.</summary>
    public async Task OpenAsync(int count)
    {
        await OpenOneAsync(Next());
        await Parallel.ForEachAsync(Enumerable.Range(1, count - 1), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => await OpenOneAsync(Next()));
    }

    /// <summary>A tap of this person, and when the last board had been sent it; milliseconds.</summary>
    public async Task<double> TapAsync(long person)
    {
        var tap = new BoardTap(person, IsRunning(person), Boards);
        foreach (var board in boards)
            board.Add(tap);
        var began = Stopwatch.GetTimestamp();
        await SendAsync(tap);
        return Stopwatch.GetElapsedTime(began, await tap.LastAsync).TotalMilliseconds;
    }

    public abstract ValueTask DisposeAsync();

    protected abstract bool IsRunning(long person);

    protected abstract Task SendAsync(BoardTap tap);

    protected abstract Task OpenOneAsync(BoardWaits waits);

    private BoardWaits Next()
    {
        var waits = new BoardWaits();
        lock (boards)
            boards.Add(waits);
        return waits;
    }
}

/// <summary>PMS: taps on operators' pages, floor boards of their department as circuits.</summary>
internal sealed class PmsBoards(LiveSite site) : BoardSite
{
    private readonly List<Circuit> circuits = [];

    public override ChildProcess Process => site.Process;
    public override long Bytes => circuits.Sum(c => c.Bytes);
    public override long Messages => circuits.Sum(c => c.Batches);

    public override async ValueTask DisposeAsync()
    {
        foreach (var circuit in circuits)
            await circuit.DisposeAsync();
        await site.DisposeAsync();
    }

    protected override bool IsRunning(long person) => site.StatusOf(person) == "Running";

    protected override async Task SendAsync(BoardTap tap)
    {
        var (page, status) = (site.Operators[tap.Person], tap.Pauses ? "Running" : "Paused");
        var shown = page.UntilAsync(n => site.IsJob(n, tap.Person) && n["data-status"] != status);
        await page.ClickAsync(n => site.IsButton(n, tap.Person, status));
        await shown;
    }

    protected override async Task OpenOneAsync(BoardWaits waits)
    {
        var board = await site.OpenBoardAsync(1);
        // Tiles stand in the picture's order and a changed one takes its own place again, so each is looked up by its place.
        var (tiles, places) = board.Read(p =>
        {
            var list = p.Find(n => n.Has("data-machine"))!.Parent!;
            return (list, list.Children.Select((n, place) => (Id: n["data-id"], place)).Where(n => n.Id is not null).ToDictionary(n => long.Parse(n.Id!, System.Globalization.CultureInfo.InvariantCulture), n => n.place));
        });
        board.Drawn = now => waits.Look(now, tap => tiles.Children[places[tap.Person]]["data-state"] == "running" != tap.Pauses);
        lock (circuits)
            circuits.Add(board);
    }
}

/// <summary>The bare program: taps and broadcast over plain SignalR, as many bytes to each board as PMS sends it for a tap.</summary>
internal sealed class BareBoards(ChildProcess process, Uri address, int bytes) : BoardSite
{
    private readonly List<HubConnection> lines = [];
    private readonly HashSet<long> paused = [];
    private HubConnection? tapper;
    private long received, messages;

    public override ChildProcess Process => process;
    public override long Bytes => Interlocked.Read(ref received);
    public override long Messages => Interlocked.Read(ref messages);

    public override async ValueTask DisposeAsync()
    {
        foreach (var line in lines.Append(tapper))
            if (line is not null)
                await line.DisposeAsync();
        process.Dispose();
    }

    protected override bool IsRunning(long person)
    {
        lock (paused)
            return !paused.Contains(person);
    }

    protected override async Task SendAsync(BoardTap tap)
    {
        lock (paused)
            _ = tap.Pauses ? paused.Add(tap.Person) : paused.Remove(tap.Person);
        await tapper!.InvokeAsync(nameof(BareBroadcast.TapAsync), tap.Person, tap.Pauses, bytes);
    }

    protected override async Task OpenOneAsync(BoardWaits waits)
    {
        tapper ??= await ConnectAsync();
        var line = await ConnectAsync();
        line.On<long, bool, byte[]>(BareBroadcast.Shown, (person, pauses, payload) =>
        {
            Interlocked.Increment(ref messages);
            Interlocked.Add(ref received, payload.Length);
            waits.Look(Stopwatch.GetTimestamp(), tap => tap.Person == person && tap.Pauses == pauses);
        });
        await line.InvokeAsync(nameof(BareBroadcast.WatchAsync));
        lock (lines)
            lines.Add(line);
    }

    private async Task<HubConnection> ConnectAsync()
    {
        var line = new HubConnectionBuilder().WithUrl(new Uri(address, BareBroadcast.Path)).AddMessagePackProtocol().Build();
        await line.StartAsync();
        return line;
    }
}
