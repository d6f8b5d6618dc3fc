using Pms.Core;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Jobs;

/// <summary>A small floor of each test's own; whatever the test did, the floor's invariants hold at its end.</summary>
public abstract class JobFloorTests(Engine engine) : IAsyncLifetime
{
    protected JobFloor Floor { get; private set; } = null!;

    protected JobService Jobs => Floor.Jobs;

    public async Task InitializeAsync() => Floor = await JobFloor.StartAsync(engine);

    public async Task DisposeAsync()
    {
        try { Assert.Empty(await Floor.BrokenInvariantsAsync()); }
        finally { await Floor.DisposeAsync(); }
    }

    /// <summary>"ok", or the code of the refusal.</summary>
    protected static async Task<string> TryAsync<T>(Func<Task<T>> command)
    {
        try { await command(); return "ok"; }
        catch (PmsException e) { return e.Code; }
    }

    /// <summary>The code of the refusal that must come.</summary>
    protected static async Task<string> CodeAsync(Func<Task> command) => (await Assert.ThrowsAnyAsync<PmsException>(command)).Code;
}
