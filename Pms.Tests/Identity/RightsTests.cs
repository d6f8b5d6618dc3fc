using Pms.Core.Identity;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using static Pms.Tests.Identity.People;

namespace Pms.Tests.Identity;

/// <summary>Readings of the rights may overtake one another; the newest asked for is the one in force.</summary>
public sealed class RightsTests
{
    [Fact]
    public async Task A_slow_reading_brings_no_withdrawn_right_back()
    {
        await using var pms = await PlantAsync(Engine.Sqlite);
        var user = await pms.UserAsync("nomsa");
        WatchedDialect? watch = null;
        await using var node = await pms.AnotherNodeAsync(settings: s => s with { Dialect = watch = new(s.Dialect) });
        var rights = node.Get<Rights>();
        Assert.NotNull(rights.Now.OfUser(user));

        using ManualResetEventSlim read = new(), goOn = new();
        var first = 1;
        watch!.Sent = command =>
        {
            if (!command.CommandText.StartsWith("SELECT id, employee_id FROM users", StringComparison.Ordinal) || Interlocked.Exchange(ref first, 0) == 0)
                return;
            read.Set();
            Assert.True(goOn.Wait(TimeSpan.FromMinutes(1)), "The second reading never came to its end.");
        };
        var slow = Task.Run(() => rights.LoadAsync());
        Assert.True(read.Wait(TimeSpan.FromMinutes(1)), "The rights were not read.");
        await pms.Get<UserService>().DeactivateAsync(TestPms.System, user);
        await rights.LoadAsync();
        Assert.Null(rights.Now.OfUser(user));
        goOn.Set();
        await slow;

        Assert.Null(rights.Now.OfUser(user));
    }
}
