using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Pms.Tests.Support;

/// <summary>A program this test process started; it never outlives the process, even when that is killed.</summary>
public sealed class ChildProcess : IDisposable
{
    private const int Tail = 200;
    private readonly Queue<string> said = new();
    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    public bool HasExited => process.HasExited;

    public int Id => process.Id;

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
