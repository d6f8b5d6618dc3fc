using System.Net.Sockets;
using System.Text;

namespace Pms.Bench.Live;

/// <summary>
/// Makes another .NET program collect its garbage, by the runtime's own diagnostic port: a trace session with the keyword GCHeapCollect forces a
/// full collection as it begins (dotnet/diagnostics, documentation/design-docs/ipc-protocol.md).
/// </summary>
internal static class Collection
{
    private const byte EventPipe = 2, CollectTracing2 = 3, StopTracing = 1;
    private const long GcHeapCollect = 0x800000;

    public static async Task ForceAsync(int process)
    {
        using var trace = await ConnectAsync(process);
        var answer = await AskAsync(trace, CollectTracing2, w =>
        {
            w.Write(16u);      // MiB of buffer
            w.Write(1u);       // nettrace
            w.Write(false);    // no rundown
            w.Write(1u);       // one provider
            w.Write(GcHeapCollect);
            w.Write(4u);       // informational
            Text(w, "Microsoft-Windows-DotNETRuntime");
            w.Write(0u);       // no filter
        });
        using (var stop = await ConnectAsync(process))
            await AskAsync(stop, StopTracing, w => w.Write(answer));
        // What the session has to say is read to its end, else the program would wait.
        var rest = new byte[4096];
        while (await trace.ReceiveAsync(rest) > 0)
        {
        }
    }

    private static async Task<Socket> ConnectAsync(int process)
    {
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").Single();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    /// <summary>Sends one command and returns the number its answer carries.</summary>
    private static async Task<long> AskAsync(Socket socket, byte command, Action<BinaryWriter> write)
    {
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.Unicode, leaveOpen: true))
        {
            writer.Write("DOTNET_IPC_V1\0"u8);
            writer.Write((ushort)0);
            writer.Write(EventPipe);
            writer.Write(command);
            writer.Write((ushort)0);
            write(writer);
            writer.Seek(14, SeekOrigin.Begin);
            writer.Write((ushort)body.Length);
        }
        await socket.SendAsync(body.ToArray());
        var head = await ReadAsync(socket, 20);
        if (head[16] != 0xFF || head[17] != 0)
            throw new InvalidOperationException("The program's diagnostic port refused a collection.");
        return BitConverter.ToInt64(await ReadAsync(socket, 8));
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var read = new byte[count];
        for (var have = 0; have < count;)
            have += await socket.ReceiveAsync(read.AsMemory(have)) is > 0 and var more ? more : throw new EndOfStreamException("The program closed its diagnostic port.");
        return read;
    }

    private static void Text(BinaryWriter writer, string text)
    {
        writer.Write((uint)text.Length + 1);
        writer.Write((text + '\0').ToCharArray());
    }
}
