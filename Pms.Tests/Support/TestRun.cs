using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Pms.Tests.Support;

/// <summary>Everything this test process leaves on the machine while it runs: a folder of its own, one more on disk where that is asked for, and the children it started, all gone at its end.</summary>
public static class TestRun
{
    private const string Prefix = "pms-tests-";
    private const long Room = 4L << 30;
    private static readonly string Root = FindRoot();
    private static readonly Stack<Action> Cleanups = [];
    private static readonly Lazy<string> Own = new(() => Create(Root));
    private static readonly Lazy<string> Disk = new(() => Root == Path.GetTempPath() ? Folder : Create(Path.GetTempPath()));
    private static readonly List<Process?> LastOnesOut = [];   // kept, for their input closes with these objects

    /// <summary>A temporary folder that no other test run uses.</summary>
    public static string Folder => Own.Value;

    /// <summary>The repository's root: the nearest folder above the test assembly that holds Pms.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>A new path inside <see cref="Folder"/>; the name only helps people who look.</summary>
    public static string NewPath(string name) => Path.Combine(Folder, $"{name}-{Guid.NewGuid():N}");

    /// <summary>A new path as <see cref="NewPath"/>, but never in memory.</summary>
    public static string NewPathOnDisk(string name) => Path.Combine(Disk.Value, $"{name}-{Guid.NewGuid():N}");

    /// <summary>Runs when the process ends, last registered first; the folder goes after all of them.</summary>
    public static void AtExit(Action cleanup)
    {
        _ = Folder;
        lock (Cleanups)
            Cleanups.Push(cleanup);
    }

    /// <summary>A TCP port that was free a moment ago; who uses it tries another when it was taken meanwhile.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Create(string root)
    {
        SweepAbandoned(root);
        var folder = Directory.CreateDirectory(Path.Combine(root, $"{Prefix}{Guid.NewGuid():N}"[..20])).FullName;
        var held = Hold(folder)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            lock (Cleanups)
                while (Cleanups.TryPop(out var cleanup))
                    CleanUp(cleanup);
            held.Dispose();
        };
        RemoveWhenOver(folder);
        return folder;
    }

    /// <summary>One clean-up that fails must not keep the others from running, and never ends the test process with a fault of its own.</summary>
    private static void CleanUp(Action cleanup)
    {
        try
        {
            cleanup();
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"A clean-up at the end of the tests failed: {e}");
        }
    }

    /// <summary>
    /// The runner gives a test process no time to clean up at its end, and a killed one has none. A shell that waits for its input to close
    /// outlives the process by the second it takes.
    /// </summary>
    private static void RemoveWhenOver(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var start = new ProcessStartInfo("/bin/sh", ["-c", "read -r line; rm -rf -- \"$0\"; sleep 1; rm -rf -- \"$0\"", folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        lock (LastOnesOut)
            LastOnesOut.Add(Process.Start(start));
    }

    /// <summary>Where even the shell was killed, the lock on a folder tells that its run is gone.</summary>
    private static void SweepAbandoned(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            var young = DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) < TimeSpan.FromMinutes(1);   // may not have taken its lock yet
            if (young)
                continue;
            using var held = Hold(folder);
            if (held is not null)
                Remove(folder);
        }
    }

    private static FileStream? Hold(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // somebody's who is alive, or another user's
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Left {folder} behind: {e.Message}");   // a dying server may still write; the next run sweeps it
        }
    }

    /// <summary>Memory where there is plenty of it, because tests wait for the disk more than for anything else; else the temporary folder.</summary>
    private static string FindRoot()
    {
        const string memory = "/dev/shm";
        var roomy = OperatingSystem.IsLinux() && Directory.Exists(memory) && new DriveInfo(memory).AvailableFreeSpace > Room;
        return roomy ? memory : Path.GetTempPath();
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pms.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Tests run inside the repository: no Pms.sln above " + AppContext.BaseDirectory);
    }
}
