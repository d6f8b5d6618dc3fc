namespace Pms.Core.Events;

/// <summary>
/// Something that happened and is already committed. A record of ids (before and after where they differ), never of contents:
/// listeners read the state again. Equal events of one burst are delivered once.
/// </summary>
public interface IEvent;

/// <summary>Something that happened in one department: whoever shows only some needn't be asked about the others' by the thousand.</summary>
public interface IDepartmentEvent : IEvent
{
    long DepartmentId { get; }
}

/// <summary>Events may have been missed (bus reconnected, burst too large): whoever shows something reads it again.</summary>
public sealed record EventsMissed : IEvent;

/// <summary>Carries committed facts to whoever shows them, here and on the other nodes.</summary>
public interface IEventBus
{
    /// <summary>Tells the listeners, on another thread. Never throws, never waits: a lost event costs a stale screen, not data.</summary>
    void Publish(IEvent e);

    /// <summary>
    /// Calls <paramref name="listener"/> for each event that passes the filter, and for every <see cref="EventsMissed"/> when the type is that.
    /// The listener must be quick (set a flag, request a refresh): others wait for it. With <paramref name="departments"/> only what happened there is
    /// put before the filter, for a kind of <see cref="IDepartmentEvent"/>; null is everywhere.
    /// </summary>
    IDisposable Subscribe<TEvent>(Func<TEvent, bool> filter, Action<TEvent> listener, IReadOnlyCollection<long>? departments = null) where TEvent : IEvent;
}
