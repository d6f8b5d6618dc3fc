namespace Pms.Core.Events;

/// <summary>
/// What a page's own commands told: it reads itself again after each answer, so the same event brings it nothing new. Known by the very object
/// that was published, so another's equal event, or one that came by another node, is still heard.
/// </summary>
public sealed class OwnEvents
{
    /// <summary>Beyond so many the oldest are forgotten: they were delivered long ago.</summary>
    private const int Most = 64;

    private static readonly AsyncLocal<OwnEvents?> Now = new();

    private readonly Lock gate = new();
    private readonly Queue<IEvent> last = new();

    /// <summary>Runs a command whose events are this page's own.</summary>
    public async Task RunAsync(Func<Task> command)
    {
        Now.Value = this;   // for this call only: the caller's flow doesn't see it
        await command();
    }

    public bool Has(IEvent e)
    {
        lock (gate)
            return last.Any(own => ReferenceEquals(own, e));
    }

    /// <summary>Called before an event is published, on the flow of the command that raised it.</summary>
    internal static void Note(IEvent e) => Now.Value?.Add(e);

    private void Add(IEvent e)
    {
        lock (gate)
        {
            last.Enqueue(e);
            if (last.Count > Most)
                last.Dequeue();
        }
    }
}
