using Pms.Core.Demo.Plant;
using Pms.Core.Departments;
using Pms.Core.Jobs.Time;

namespace Pms.Core.Demo.Simulation;

/// <summary>Coming and going: the calendar is open whenever the demo runs, people clock in for their shift and out after it.</summary>
internal sealed class Shifts(TimeService times, CalendarService calendar, Calendars calendars, PlantClock clock)
{
    /// <summary>The extra shifts without which a department would stand still right now.</summary>
    public IEnumerable<Chore> Extra(DateTimeOffset now, IReadOnlyList<PlantDepartment> departments)
    {
        var (from, to) = PlantHours.Block(clock, now);
        foreach (var department in departments)
            if (calendars.Now.ShiftAt(department.Id, null, now) is null && PlantHours.Missing(calendars.Now, clock, department.Id, from, to).FirstOrDefault(e => e.Covers(clock, now)) is { } extra)
                yield return new($"extra {department.Id}", now, ct => calendar.SaveAsync(Actor.System("demo"), extra, ct));
    }

    public IEnumerable<Chore> Chores(FloorView view, IReadOnlyDictionary<long, Post> posts, Crew crew)
    {
        foreach (var post in posts.Values.Where(p => !view.IsHere(p.Person.Id) && !view.RealPeople.Contains(p.Person.Id)))
            yield return new($"in {post.Person.Id}", view.Now - TimeSpan.FromSeconds(post.Person.Id % 7), ct => times.ClockInAsync(Crew.Actor(post.Person), ct: ct));
        foreach (var (employee, since) in view.Present)
        {
            if (employee == 1 || !crew.Knows(employee) || posts.ContainsKey(employee) || view.RealPeople.Contains(employee))
                continue;
            // Who still works on something waits some minutes for the next shift to take it.
            var (block, _) = PlantHours.Block(clock, view.Now);
            var wait = view.Busy(employee) > 0 ? TimeSpan.FromMinutes(4) : TimeSpan.FromSeconds(20 + employee % 60);
            var leaves = (since > block ? since : block) + wait;
            yield return new($"out {employee}", leaves, ct => times.ClockOutAsync(Crew.Actor(crew.Person(employee)), new(), ct: ct));
        }
    }
}
