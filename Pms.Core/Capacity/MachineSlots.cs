namespace Pms.Core.Capacity;

/// <summary>A stretch in which one slot of a machine is free, and what was made on it before.</summary>
internal readonly record struct Gap(int Slot, DateTimeOffset Start, DateTimeOffset End, long? Product, long? Stage);

/// <summary>
/// The exact timelines of one machine, one per slot, from now on: its open jobs one after the other, each from its planned start or as soon as the slot is free,
/// for as long as its open work takes. A job is never interrupted by another, only by breaks, nights and windows.
/// </summary>
internal sealed class MachineSlots
{
    private readonly PlaceTime time;
    private readonly List<Busy>[] slots;
    private readonly DateTimeOffset now;

    public MachineSlots(CapacityPlant plant, Machines.Machine machine, IEnumerable<PlannedLoad> loads)
    {
        (time, now) = (plant.TimeOf(machine.DepartmentId, machine.Id), plant.Now);
        slots = [.. Enumerable.Range(0, Math.Max(1, machine.Slots)).Select(_ => new List<Busy>())];
        foreach (var load in loads.OrderBy(l => l.State != LoadState.Running).ThenBy(l => l.Start > now ? l.Start : now).ThenBy(l => l.Sequence).ThenBy(l => l.JobId))
            if (load.Work > TimeSpan.Zero)
                Queue(load);
    }

    /// <summary>The free stretches that end after an instant, slot by slot in order.</summary>
    public IEnumerable<Gap> Gaps(DateTimeOffset from)
    {
        for (var slot = 0; slot < slots.Length; slot++)
        {
            var (start, before) = (now, default(Busy?));
            foreach (var busy in slots[slot])
            {
                if (busy.Start > start && busy.Start > from)
                    yield return new(slot, start, busy.Start, before?.Product, before?.Stage);
                (start, before) = (busy.End, busy);
            }
            yield return new(slot, start, DateTimeOffset.MaxValue, before?.Product, before?.Stage);
        }
    }

    public void Take(int slot, DateTimeOffset start, DateTimeOffset end, long product, long stage)
    {
        if (end <= start)
            return;
        var list = slots[slot];
        var at = list.FindIndex(b => b.Start > start);
        list.Insert(at < 0 ? list.Count : at, new(start, end, product, stage));
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(int slot, DateTimeOffset start, DateTimeOffset end, long product, long stage) => slots[slot].Remove(new(start, end, product, stage));

    /// <summary>Lays a load on the slot that is free first, at its planned start or as soon as it can; answers where it came to lie.</summary>
    public Span? Queue(PlannedLoad load, DateTimeOffset? notBefore = null)
    {
        var from = new[] { load.Start, now, notBefore ?? now }.Max();
        var slot = Enumerable.Range(0, slots.Length).MinBy(s => Free(s, from));
        if (time.Next(Free(slot, from)) is not { } start || time.Add(start, load.Work) is not { } end)
            return null;
        Take(slot, start, end, load.ProductId, load.StageId);
        return new(start, end);
    }

    /// <summary>When a load could begin if it were queued next.</summary>
    public DateTimeOffset FreeFrom(DateTimeOffset from) => Enumerable.Range(0, slots.Length).Min(s => Free(s, from));

    private DateTimeOffset Free(int slot, DateTimeOffset from) => slots[slot] is [.., var last] && last.End > from ? last.End : from;

    private readonly record struct Busy(DateTimeOffset Start, DateTimeOffset End, long Product, long Stage);
}
