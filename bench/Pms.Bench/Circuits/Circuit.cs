using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Pms.Bench.Circuits;

/// <summary>
/// One open page of Blazor Server, driven without a browser: it speaks the circuit's protocol, keeps the page's tree, answers the calls to
/// the browser, and tells to the microsecond when something was shown. All it waits for is judged after each render batch.
/// </summary>
internal sealed class Circuit : IAsyncDisposable
{
    private static int open;

    private readonly Lock gate = new();
    private readonly PageTree page = new();
    private readonly List<Waiting> waiting = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BrowserCalls browser;
    private readonly Visitor visitor;
    private HubConnection hub;
    private string? id;
    private string? broken;
    private Uri address;
    private int calls, floods;
    private bool counted;

    private Circuit(Visitor visitor, Uri address, BrowserCalls browser)
    {
        (this.visitor, this.address, this.browser) = (visitor, address, browser);
        hub = Connect();
    }

    /// <summary>How many circuits of this program are connected now.</summary>
    public static int Open => Volatile.Read(ref open);

    public Uri Address => address;

    /// <summary>Ends when the first line does, whoever ended it.</summary>
    public Task Ended => ended.Task;
    public int Batches { get; private set; }

    /// <summary>How much of <see cref="FloodAsync"/> was answered.</summary>
    public int Floods => Volatile.Read(ref floods);
    public long Bytes { get; private set; }

    /// <summary>Called after each render batch with the moment it was applied, while the page holds still: for those who know where to look, which costs less than to search.</summary>
    public Action<long>? Drawn { get; set; }

    /// <summary>Opens a page and waits until the server has drawn it live.</summary>
    /// <param name="before">The page that stood in the same tab; what it left in the session's storage is there again.</param>
    public static async Task<Circuit> OpenAsync(Visitor visitor, string path, Func<PageNode, bool> drawn, Circuit? before = null)
    {
        var start = await visitor.OpenAsync(path);
        var circuit = new Circuit(visitor, start.Address, new(before?.browser));
        try
        {
            await circuit.hub.StartAsync();
            circuit.id = await circuit.hub.InvokeAsync<string?>("StartCircuit", visitor.Site.ToString(), start.Address.ToString(), "[]", "")
                ?? throw new InvalidOperationException($"The server gave {path} no circuit.");
            circuit.Count(true);
            var shown = circuit.UntilAsync(drawn);
            var operations = string.Join(',', start.Markers.Select((m, i) => $$"""{"type":"add","ssrComponentId":{{i + 1}},"marker":{{m}}}"""));
            await circuit.hub.SendAsync("UpdateRootComponents", $$"""{"batchId":1,"operations":[{{operations}}]}""", start.State);
            await shown;
            return circuit;
        }
        catch
        {
            await circuit.DisposeAsync();
            throw;
        }
    }

    /// <summary>Something read from the page as it is now.</summary>
    public T Read<T>(Func<PageTree, T> read)
    {
        lock (gate)
            return read(page);
    }

    /// <summary>When a node that fits was first shown (a timestamp of <see cref="Stopwatch"/>); now, if it is there already.</summary>
    public async Task<long> UntilAsync(Func<PageNode, bool> fits, TimeSpan? limit = null)
    {
        var wait = new Waiting(fits);
        lock (gate)
        {
            Demand();
            if (page.Find(fits) is not null)
                return Stopwatch.GetTimestamp();
            waiting.Add(wait);
        }
        try
        {
            return await wait.Shown.Task.WaitAsync(limit ?? TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{address} did not show it after {Batches} batches. {broken}", e);
        }
        finally
        {
            lock (gate)
                waiting.Remove(wait);
        }
    }

    /// <summary>Clicks the first node that fits and listens; does not wait for what comes of it.</summary>
    public Task ClickAsync(Func<PageNode, bool> fits) => DispatchAsync(fits, "click",
        new { detail = 1, screenX = 0, screenY = 0, clientX = 0, clientY = 0, offsetX = 0, offsetY = 0, pageX = 0, pageY = 0, movementX = 0, movementY = 0, button = 0, buttons = 0, ctrlKey = false, shiftKey = false, altKey = false, metaKey = false, type = "click" });

    /// <summary>Types a value into a field: "input" as one types, "change" as one leaves it.</summary>
    public async Task TypeAsync(Func<PageNode, bool> fits, string value)
    {
        foreach (var name in new[] { "input", "change" })
            if (Read(p => p.Find(n => fits(n) && n.Listens("on" + name))) is not null)
                await DispatchAsync(fits, name, new { value });
    }

    /// <summary>Follows a link inside the site.</summary>
    public Task GoAsync(string path)
    {
        address = new Uri(visitor.Site, path);
        return hub.SendAsync("OnLocationChanged", address.ToString(), (string?)null, true);
    }

    /// <summary>The line is cut, without a goodbye.</summary>
    public async Task CutAsync()
    {
        Count(false);
        await hub.DisposeAsync();
    }

    /// <summary>Comes back on a new line to the same circuit; false where the server no longer has it.</summary>
    public async Task<bool> ReconnectAsync()
    {
        hub = Connect();
        await hub.StartAsync();
        if (!await hub.InvokeAsync<bool>("ConnectCircuit", id))
            return false;
        Count(true);
        return true;
    }

    /// <summary>The tab is closed: the page says so, and the server keeps nothing of it.</summary>
    public async Task LeaveAsync()
    {
        await DisposeAsync();
        await visitor.SayGoodbyeAsync(id!);
    }

    /// <summary>Calls something that is not there, as fast as the line takes it; how many were sent.</summary>
    public async Task<int> FloodAsync(TimeSpan time)
    {
        var (sent, began) = (0, Stopwatch.GetTimestamp());
        using var enough = new CancellationTokenSource(time);
        try
        {
            for (; !enough.IsCancellationRequested; sent++)
                await hub.SendAsync("BeginInvokeDotNetFromJS", $"flood{sent}", "Pms.Web", "None", 0L, "[]", enough.Token);
        }
        catch (OperationCanceledException) { }   // the line took no more
        return sent;
    }

    public async ValueTask DisposeAsync()
    {
        Count(false);
        await hub.DisposeAsync();
    }

    private Task DispatchAsync(Func<PageNode, bool> fits, string name, object arguments)
    {
        ulong handler;
        lock (gate)
        {
            Demand();
            handler = (page.Find(n => fits(n) && n.Listens("on" + name)) ?? throw new InvalidOperationException($"{address} shows nothing that fits and listens to {name}.")).HandlerOf("on" + name);
        }
        var dispatch = $$"""[{"eventHandlerId":{{handler}},"eventName":"{{name}}","eventFieldInfo":null},{{JsonSerializer.Serialize(arguments)}}]""";
        return hub.SendAsync("BeginInvokeDotNetFromJS", $"{Interlocked.Increment(ref calls)}", (string?)null, "DispatchEventAsync", browser.Renderer, dispatch);
    }

    private HubConnection Connect()
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(visitor.Site, "_blazor"), o =>
        {
            o.Cookies = visitor.Cookies;
            o.Transports = HttpTransportType.WebSockets;
            o.HttpMessageHandlerFactory = handler =>
            {
                ((HttpClientHandler)handler).ServerCertificateCustomValidationCallback = visitor.Trust;
                return handler;
            };
            o.WebSocketConfiguration = w => w.RemoteCertificateValidationCallback = visitor.Trust;
            o.Headers["Origin"] = visitor.Site.GetLeftPart(UriPartial.Authority);
        });
        builder.Services.AddSingleton<IHubProtocol>(new BlazorPack());
        var line = builder.Build();
        line.On<int, byte[]>("JS.RenderBatch", async (number, data) =>
        {
            Apply(data);
            await line.SendAsync("OnRenderCompleted", (long)number, (string?)null);
        });
        line.On<long, string, string, int, long, int>("JS.BeginInvokeJS", async (call, name, arguments, result, _, _) =>
        {
            var answer = browser.Answer(name, arguments, result);
            if (call != 0)
                await line.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{answer}]");
            if (browser.TakeMove() is { } to)
                await GoAsync(to);
        });
        line.On<string, bool, string>("JS.EndInvokeDotNet", (call, ok, answer) =>
        {
            if (call.StartsWith("flood", StringComparison.Ordinal))
                Interlocked.Increment(ref floods);
            else if (!ok)
                Break("A call failed: " + answer);
        });
        line.On<string>("JS.Error", Break);
        line.On<int, string>("JS.AttachComponent", (_, _) => { });
        line.On<long>("JS.EndUpdateRootComponents", _ => { });
        line.On<int, byte[]>("JS.ReceiveByteArray", (_, _) => { });
        line.On<string, string, string>("JS.SavePersistedState", (_, _, _) => { });
        line.Closed += e =>
        {
            Count(false);
            ended.TrySetResult();
            if (e is not null)
                Break("The line broke: " + e.Message);
            return Task.CompletedTask;
        };
        return line;
    }

    private void Apply(byte[] data)
    {
        lock (gate)
        {
            page.Apply(data);
            Batches++;
            Bytes += data.Length;
            var now = Stopwatch.GetTimestamp();
            foreach (var wait in waiting)
                if (!wait.Shown.Task.IsCompleted && page.Find(wait.Fits) is not null)
                    wait.Shown.TrySetResult(now);
            Drawn?.Invoke(now);
        }
    }

    private void Break(string why)
    {
        lock (gate)
        {
            broken ??= why;
            foreach (var wait in waiting)
                wait.Shown.TrySetException(new InvalidOperationException(why));
        }
    }

    private void Demand()
    {
        if (broken is not null)
            throw new InvalidOperationException($"{address} broke: {broken}");
    }

    private void Count(bool more)
    {
        lock (gate)
        {
            if (counted == more)
                return;
            counted = more;
        }
        Interlocked.Add(ref open, more ? 1 : -1);
    }

    private sealed record Waiting(Func<PageNode, bool> Fits)
    {
        public TaskCompletionSource<long> Shown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
