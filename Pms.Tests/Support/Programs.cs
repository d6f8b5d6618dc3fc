using System.Diagnostics;

namespace Pms.Tests.Support;

/// <summary>Finds the programs tests need on this machine, installs a missing one from the system's packages when it may, or says plainly what is missing.</summary>
public static class Programs
{
    private static readonly Lock Installing = new();

    /// <summary>The full path of the first of these programs that is on the PATH (or in the sbin folders); null when none is.</summary>
    public static string? Find(params string[] names) => (
        from name in names
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/opt/homebrew/opt/mariadb/bin"])
        let path = Path.Combine(folder, name)
        where File.Exists(path)
        select path).FirstOrDefault();

    /// <summary>Finds a program by any of its names; otherwise installs the first of the packages that can be installed (as root, with apt-get) or fails with the remedy.</summary>
    /// <exception cref="InvalidOperationException">It is missing and can't be installed from here.</exception>
    public static string Need(string what, string[] names, string[] packages)
    {
        lock (Installing)
        {
            if (Find(names) is { } found)
                return found;

            var log = "";
            if (packages.Length > 0 && OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Find("apt-get") is { } apt)
            {
                log = Run(apt, "update", "-q");
                foreach (var package in packages)
                {
                    log += Run(apt, ["install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600", .. package.Split(' ')]);
                    if (Find(names) is { } installed)
                        return installed;
                }
            }
            throw new InvalidOperationException(
                $"The tests need {what}, but none of {string.Join(", ", names)} is on the PATH. On Debian or Ubuntu: " +
                $"apt-get install {packages.FirstOrDefault()} (as root the tests do that by themselves); elsewhere install {what} with the system's packages. Then run the tests again.\n{log}");
        }
    }

    /// <summary>Runs a program to its end and returns what it said, its exit code last when it isn't 0.</summary>
    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // RUNLEVEL=1: a package must not start a service of its own beside the tests' private servers.
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1", ["LC_ALL"] = "C" },
        })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : $"{output}\n{program} ended with exit code {process.ExitCode}\n";
    }
}
