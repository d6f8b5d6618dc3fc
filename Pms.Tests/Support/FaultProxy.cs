using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pms.Tests.Support;

/// <summary>Stands on the wire between PMS and a server, or a client and PMS, and breaks it on demand: before a request arrives, after it was obeyed and before the answer, or all at once.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly int target;
    private readonly ConcurrentDictionary<TcpClient, bool> open = new();
    private TaskCompletionSource flows = Flowing();
    private Rule? rule;
    private int broken, accepted, stranded;

    public FaultProxy(int targetPort)
    {
        target = targetPort;
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    private sealed record Rule(byte[] Text, bool Arrives);

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections were broken by a rule.</summary>
    public int Broken => Volatile.Read(ref broken);

    /// <summary>The next request that holds this text reaches the server, but its answer never comes back: the connection ends instead.</summary>
    public void DropAnswerTo(string text) => Volatile.Write(ref rule, new(Encoding.UTF8.GetBytes(text), true));

    /// <summary>The next request that holds this text never reaches the server: the connection ends instead.</summary>
    public void DropRequest(string text) => Volatile.Write(ref rule, new(Encoding.UTF8.GetBytes(text), false));

    /// <summary>Every answer comes so much later.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Nothing comes through any more in either direction, but no connection ends: the worst a wire can do. Until <see cref="Resume"/>.</summary>
    public void Stall() => Volatile.Write(ref flows, new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>What was held back arrives now.</summary>
    public void Resume() => Volatile.Read(ref flows).TrySetResult();

    /// <summary>Nothing comes through the connections there are, ever again, and they don't end; new ones work. So it is when a firewall forgets them.</summary>
    public void Strand() => Volatile.Write(ref stranded, Volatile.Read(ref accepted));

    /// <summary>Ends every connection there is with a reset.</summary>
    public void Reset()
    {
        foreach (var client in open.Keys)
            client.Client.Close(0);
    }

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopped.Token));
        }
        catch (Exception e) when (stopped.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            open[client] = true;
            var number = Interlocked.Increment(ref accepted);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, stopped.Token);
                var deaf = new StrongBox<bool>();
                await Task.WhenAny(RequestsAsync(client.GetStream(), server.GetStream(), deaf, number), AnswersAsync(server.GetStream(), client.GetStream(), deaf, number));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;   // the connection is over, as it would be on a bad wire
            }
            finally
            {
                open.TryRemove(client, out _);
            }
        }
    }

    private async Task RequestsAsync(NetworkStream client, NetworkStream server, StrongBox<bool> deaf, int number)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await client.ReadAsync(buffer, stopped.Token)) > 0;)
        {
            var now = Volatile.Read(ref rule);
            if (now is not null && buffer.AsSpan(0, read).IndexOf(now.Text) >= 0 && Interlocked.CompareExchange(ref rule, null, now) == now)
            {
                Interlocked.Increment(ref broken);
                if (!now.Arrives)
                    return;
                Volatile.Write(ref deaf.Value, true);
            }
            await FlowsAsync(number);
            await server.WriteAsync(buffer.AsMemory(0, read), stopped.Token);
        }
    }

    private async Task AnswersAsync(NetworkStream server, NetworkStream client, StrongBox<bool> deaf, int number)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await server.ReadAsync(buffer, stopped.Token)) > 0;)
        {
            if (Volatile.Read(ref deaf.Value))
                return;   // the server has obeyed, for it answers; nobody hears it
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, stopped.Token);
            await FlowsAsync(number);
            await client.WriteAsync(buffer.AsMemory(0, read), stopped.Token);
        }
    }

    private Task FlowsAsync(int number) =>
        number <= Volatile.Read(ref stranded) ? Task.Delay(Timeout.Infinite, stopped.Token) : Volatile.Read(ref flows).Task.WaitAsync(stopped.Token);

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }
}
