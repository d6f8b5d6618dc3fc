using Pms.Core.Events;
using Pms.Core.Jobs;
using Pms.Tests.Support;

namespace Pms.Tests.Events;

/// <summary>A page doesn't hear what its own command told, and hears all else.</summary>
public sealed class OwnEventsTests
{
    [Fact]
    public async Task Only_the_very_events_of_the_own_command_are_own()
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var (own, heard) = (new OwnEvents(), new List<IEvent>());
        using var listening = pms.Get<IEventBus>().Subscribe<TimeChanged>(e => !own.Has(e), heard.Add);

        await own.RunAsync(() => TellAsync(1));
        await TellAsync(1);   // equal, but another's
        await TellAsync(2);

        await Eventually.TrueAsync(() => heard.Count == 2, "the others' events are heard");
        Assert.Equal([new TimeChanged(1, 1), new TimeChanged(2, 1)], heard);

        async Task TellAsync(long person)
        {
            await pms.Db.InTransactionAsync(tx => { tx.Raise(new TimeChanged(person, 1)); return Task.CompletedTask; });
            // Delivered before the next is told: equal events of one burst are one.
            var delivered = false;
            using var end = pms.Get<IEventBus>().Subscribe<TimeChanged>(e => e.EmployeeId == 99, _ => Volatile.Write(ref delivered, true));
            pms.Get<IEventBus>().Publish(new TimeChanged(99, 99));
            await Eventually.TrueAsync(() => Volatile.Read(ref delivered), "the event was delivered");
            heard.RemoveAll(e => e is TimeChanged { EmployeeId: 99 });
        }
    }
}
