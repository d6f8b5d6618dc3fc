using System.Diagnostics;

namespace Pms.Bench.Support;

/// <summary>A program this bench started; it never outlives the bench, even when that is killed.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly List<string> said = [];
    private readonly Process process;
    private readonly TaskCompletionSource started = new();

    private ChildProcess(ProcessStartInfo info)
    {
        process = new Process { StartInfo = info };
        process.OutputDataReceived += Remember;
        process.ErrorDataReceived += Remember;
    }

    public int Id => process.Id;
    public bool HasExited => process.HasExited;

    /// <summary>What it wrote to its standard output and error.</summary>
    public string Said
    {
        get
        {
            lock (said)
                return string.Join('\n', said);
        }
    }

    /// <summary>Memory that is in RAM now, in KiB.</summary>
    public long ResidentKiB => long.Parse(File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Processor time it took since its start.</summary>
    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        // The kernel kills the child when its parent *thread* ends, so a thread of its own starts it and stays until it is over.
        var info = OperatingSystem.IsLinux() && File.Exists("/usr/bin/setpriv")
            ? new ProcessStartInfo("/usr/bin/setpriv", ["--pdeathsig", "KILL", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        (info.RedirectStandardInput, info.RedirectStandardOutput, info.RedirectStandardError, info.WorkingDirectory) = (true, true, true, folder ?? "");
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            info.Environment[name] = value;
        var child = new ChildProcess(info);
        new Thread(child.Live) { IsBackground = true, Name = Path.GetFileName(program) }.Start();
        child.started.Task.GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => child.Dispose();
        return child;
    }

    /// <summary>Asks until it says yes; a child that ended meanwhile is told with its words.</summary>
    public async Task UntilAsync(Func<Task<bool>> answers, TimeSpan limit)
    {
        for (var until = DateTime.UtcNow + limit; DateTime.UtcNow < until && !HasExited; await Task.Delay(50))
            if (await answers())
                return;
        throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not start:\n{Said}");
    }

    /// <summary>Waits for its end by itself; with another code than 0 it is told with its words.</summary>
    public async Task EndAsync(TimeSpan limit)
    {
        await process.WaitForExitAsync().WaitAsync(limit);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} ended with {process.ExitCode}:\n{Said}");
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit(TimeSpan.FromSeconds(10));
    }

    private void Live()
    {
        try
        {
            process.Start();
            process.StandardInput.Close();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            started.SetResult();
        }
        catch (Exception e)
        {
            started.SetException(e);
            return;
        }
        process.WaitForExit();
    }

    private void Remember(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (said)
            said.Add(e.Data);
    }
}
