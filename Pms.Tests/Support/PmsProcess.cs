using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Pms.Tests.Support;

/// <summary>PMS as people start it: a process of its own with settings of its own, which a test may end like a power cut.</summary>
public sealed partial class PmsProcess : IDisposable
{
    private readonly ChildProcess child;

    private PmsProcess(ChildProcess child) => this.child = child;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The last lines of its console.</summary>
    public string Said => child.Said;

    /// <summary>Starts it on a free port of 127.0.0.1 and waits until it says that it is ready.</summary>
    public static async Task<PmsProcess> StartAsync(string environment, params string[] args)
    {
        var variables = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(k => k.StartsWith("DB_", StringComparison.Ordinal) || k is "REDIS_URL" or "JWT_SECRET_KEY").ToDictionary(k => k, _ => (string?)null);
        variables["ASPNETCORE_ENVIRONMENT"] = environment;
        var pms = new PmsProcess(ChildProcess.Start("dotnet",
        [
            typeof(Program).Assembly.Location, "--urls=http://127.0.0.1:0",
            $"--JWT_SECRET_KEY={Convert.ToBase64String(RandomNumberGenerator.GetBytes(48))}", $"--Security:MasterKey={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}", .. args,
        ], variables, TestRun.Repository));
        await Eventually.TrueAsync(() => ReadyAddress().IsMatch(pms.Said) || pms.child.HasExited, "the printed address", TimeSpan.FromSeconds(90));
        Assert.False(pms.child.HasExited, pms.Said);
        pms.Address = new Uri(ReadyAddress().Match(pms.Said).Groups[1].Value);
        return pms;
    }

    /// <summary>Ends it at once (SIGKILL), as a power cut would.</summary>
    public void Kill() => child.Kill();

    public void Dispose() => Kill();

    [GeneratedRegex(@"is ready:\s+(http://127\.0\.0\.1:\d+/)")]
    private static partial Regex ReadyAddress();
}
