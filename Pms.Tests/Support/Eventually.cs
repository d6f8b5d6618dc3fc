using System.Diagnostics;

namespace Pms.Tests.Support;

/// <summary>Waits for what another thread, node or browser is about to do, by asking again; never by a fixed sleep.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);   // of a machine that does much else meanwhile

    /// <summary>Asks until the condition holds; fails with its text when it doesn't within the time (40 s by default).</summary>
    public static Task TrueAsync(Func<bool> condition, string what = "the condition", TimeSpan? within = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, within);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what = "the condition", TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (within ?? Patience))
                Assert.Fail($"Waited {watch.Elapsed.TotalSeconds:0.0} s in vain until {what} held.");
            await Task.Delay(20);
        }
    }

    /// <summary>Runs the assertions until none throws; after the time (40 s by default) the last failure is the test's.</summary>
    public static async Task PassesAsync(Func<Task> assertions, TimeSpan? within = null)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                await assertions();
                return;
            }
            catch (Exception) when (watch.Elapsed < (within ?? Patience))
            {
                await Task.Delay(20);
            }
        }
    }

    /// <inheritdoc cref="PassesAsync(Func{Task}, TimeSpan?)"/>
    public static Task PassesAsync(Action assertions, TimeSpan? within = null) => PassesAsync(() =>
    {
        assertions();
        return Task.CompletedTask;
    }, within);
}
