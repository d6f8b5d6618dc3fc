using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Pms.Web.Health;

/// <summary>One health report shared by all open health pages, made anew at most every 4 s, and only while somebody looks.</summary>
public sealed class HealthBoard(HealthCheckService checks, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim one = new(1);
    private HealthPicture? last;

    public async Task<HealthPicture> NowAsync(CancellationToken ct = default)
    {
        if (last is { } seen && time.GetUtcNow() - seen.At < Fresh)
            return seen;
        await one.WaitAsync(ct);
        try
        {
            if (last is { } meanwhile && time.GetUtcNow() - meanwhile.At < Fresh)
                return meanwhile;
            return last = new(await checks.CheckHealthAsync(ct), time.GetUtcNow());
        }
        finally
        {
            one.Release();
        }
    }
}

/// <summary>A report and when it was made.</summary>
public sealed record HealthPicture(HealthReport Report, DateTimeOffset At);
