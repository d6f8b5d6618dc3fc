using Pms.Core.Departments;
using Pms.Core.Machines;

namespace Pms.Core.Floor.Phases;

/// <summary>A machine's status history: derived at each read from its intervals, its tickets and the calendar; nothing of it is stored.</summary>
public sealed class PhaseService(PhaseQueries queries, MachineService machines, Calendars calendars, PlantClock clock)
{
    /// <summary>A longer span is a report.</summary>
    public const int MostDays = 31;

    /// <summary>The stretches of [from, to), up to now, in order; a span that hasn't begun is empty.</summary>
    /// <exception cref="InvalidException">to: before_start, too_large.</exception>
    public async Task<IReadOnlyList<PhaseSpan>> HistoryAsync(Actor actor, long machineId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct = default)
    {
        var machine = await machines.GetAsync(actor, machineId, ct);
        if (to <= from)
            throw new InvalidException(nameof(to), "before_start");
        if (to - from > TimeSpan.FromDays(MostDays + 1))
            throw new InvalidException(nameof(to), "too_large", MostDays);
        var now = clock.Now;
        var window = new Span(from, to < now ? to : now);
        if (window.IsEmpty)
            return [];
        var (runs, tickets) = await queries.LoadAsync(machineId, window, ct);
        var working = calendars.Now.WorkingTime(machine.DepartmentId, machineId, window.Start, window.End);
        return PhaseLine.Of(window, [.. runs.Select(r => r.Source(now)), .. tickets.SelectMany(t => t.Sources(now))], working, to >= now);
    }

    /// <summary>The same of whole plant days, both included.</summary>
    public Task<IReadOnlyList<PhaseSpan>> DaysAsync(Actor actor, long machineId, DateOnly from, DateOnly to, CancellationToken ct = default) =>
        HistoryAsync(actor, machineId, clock.At(from, 0), clock.At(to.AddDays(1), 0), ct);
}
