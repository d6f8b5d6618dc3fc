using System.Buffers.Binary;
using System.Net;
using System.Text;
using Pms.Bench.Support;

namespace Pms.Bench.Faults;

/// <summary>Hears PMS's measurements as a collector does and keeps one of them: how many pages are open.</summary>
internal sealed class OpenPages : IDisposable
{
    private readonly HttpListener listener = new();
    private long open = -1;

    public OpenPages()
    {
        Address = $"http://127.0.0.1:{TestRun.FreePort()}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        _ = ListenAsync();
    }

    public string Address { get; }

    /// <summary>Waits until so many are open, and says how many are.</summary>
    public async Task<long> UntilAsync(long wanted, TimeSpan limit)
    {
        for (var until = DateTime.UtcNow + limit; Interlocked.Read(ref open) != wanted && DateTime.UtcNow < until; await Task.Delay(50))
            ;
        return Interlocked.Read(ref open);
    }

    public void Dispose() => listener.Close();

    private async Task ListenAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext asked;
            try { asked = await listener.GetContextAsync(); }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException) { return; }
            using var body = new MemoryStream();
            await asked.Request.InputStream.CopyToAsync(body);
            if (Read(body.ToArray()) is { } now)
                Interlocked.Exchange(ref open, now);
            asked.Response.Close();
        }
    }

    /// <summary>resource_metrics 1, scope_metrics 2, metrics 2 with name 1 and sum 7, whose data_points 1 have as_int 6 (opentelemetry-proto, metrics.proto).</summary>
    private static long? Read(ReadOnlyMemory<byte> message)
    {
        foreach (var metric in Parts(message, 1).SelectMany(m => Parts(m, 2)).SelectMany(m => Parts(m, 2)))
            if (Parts(metric, 1).Any(n => Encoding.UTF8.GetString(n.Span) == "aspnetcore.components.circuit.active"))
                foreach (var point in Parts(metric, 7).SelectMany(s => Parts(s, 1)))
                    return Parts(point, 6).Select(v => BinaryPrimitives.ReadInt64LittleEndian(v.Span)).FirstOrDefault();
        return null;
    }

    /// <summary>The values of one field of a protobuf message.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Parts(ReadOnlyMemory<byte> message, int field)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Number(message, ref at);
            var length = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => (int)Number(message, ref at) };
            if ((tag & 7) == 0)
                Number(message, ref at);
            if (tag >> 3 == field)
                yield return message.Slice(at, length);
            at += length;
        }
    }

    private static long Number(ReadOnlyMemory<byte> message, ref int at)
    {
        long number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message.Span[at++];
            number |= (long)(part & 127) << shift;
            if (part < 128)
                return number;
        }
    }
}
