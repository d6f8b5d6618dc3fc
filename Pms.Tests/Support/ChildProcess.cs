using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pms.Tests.Support;

/// <summary>A program this process started; it never outlives the process, even when that is killed.</summary>
public sealed class ChildProcess : IDisposable
{
    private const int Tail = 200;
    private readonly Queue<string> said = new();
    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    public bool HasExited => process.HasExited;

    public int Id => process.Id;

    /// <summary>Memory that is in RAM now, in KiB.</summary>
    public long ResidentKiB => long.Parse(File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>Processor time it took since its start.</summary>
    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>The last lines it wrote to its standard output and error.</summary>
    public string Said
    {
        get
        {
            lock (said)
                return string.Join('\n', said);
        }
    }

    public static ChildProcess Start(string program, params IEnumerable<string> arguments) => Start(program, arguments, null);

    /// <summary><paramref name="environment"/> sets variables, or takes those away whose value is null.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? folder = null)
    {
        // The kernel kills the child when its parent *thread* ends, so a thread of its own starts it and stays until it is over.
        var wrapper = OperatingSystem.IsLinux() ? Programs.Find("setpriv") : null;
        IEnumerable<string> line = wrapper is null ? [program, .. arguments] : [wrapper, "--pdeathsig", "KILL", program, .. arguments];
        var process = new Process
        {
            StartInfo = new(line.First(), line.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
                WorkingDirectory = folder ?? TestRun.Folder,
            },
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            process.StartInfo.Environment[name] = value;
        var child = new ChildProcess(process);
        process.OutputDataReceived += child.Remember;
        process.ErrorDataReceived += child.Remember;

        var started = new TaskCompletionSource();
        new Thread(() => child.Live(started)) { IsBackground = true, Name = Path.GetFileName(program) }.Start();
        started.Task.GetAwaiter().GetResult();
        TestRun.AtExit(child.Kill);
        return child;
    }

    /// <summary>Asks until it says yes; a child that ended meanwhile is told with its words.</summary>
    public async Task UntilAsync(Func<Task<bool>> answers, TimeSpan limit)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < limit && !HasExited; await Task.Delay(50))
            if (await answers())
                return;
        throw new InvalidOperationException($"{Line} did not start:\n{Said}");
    }

    /// <summary>Waits for its end by itself; with another code than 0 it is told with its words.</summary>
    public async Task EndAsync(TimeSpan limit)
    {
        await process.WaitForExitAsync().WaitAsync(limit);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Line} ended with {process.ExitCode}:\n{Said}");
    }

    /// <summary>Ends it at once (SIGKILL), as a power cut would.</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return;   // it was over before
        }
    }

    public void Dispose() => Kill();

    private string Line => $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}";

    private void Live(TaskCompletionSource started)
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
        {
            said.Enqueue(e.Data);
            if (said.Count > Tail)
                said.Dequeue();
        }
    }
}
