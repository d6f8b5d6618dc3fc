using Pms.Core.Demo.Plant;
using Pms.Core.Departments;

namespace Pms.Core.Demo.Simulation;

/// <summary>One person's place for a shift: machines, or a bench of a stage.</summary>
internal sealed record Post(PlantPerson Person, IReadOnlyList<long> Machines, long? BenchStage, DateTimeOffset Until);

/// <summary>Who works where right now, by the live calendar and the plant's own roster. The visitor's machine is nobody's.</summary>
internal sealed class Crew(PlantFloor floor, PlantPeople people, PlantClock clock, Dice dice)
{
    private (DateTimeOffset At, PlantCalendar Calendar, IReadOnlyDictionary<long, Post> Posts) last;

    public PlantFloor Floor => floor;

    public PlantPerson Person(long id) => people.All[(int)id - 1];

    public bool Knows(long id) => id >= 1 && id <= people.All.Count;

    public PlantPerson Technician(long ticket) => people.All.Where(p => p.Kind == "Technician").ElementAt((int)(ticket % 4));

    public PlantPerson Planner => people.FirstOf("Planner");

    /// <summary>An employee at work in the demo, as the actor of a command.</summary>
    public static Actor Actor(PlantPerson person) => new() { EmployeeId = person.Id, Name = person.Name, Channel = Channel.System, Agent = "demo" };

    /// <summary>The posts by employee; kept for some seconds.</summary>
    public IReadOnlyDictionary<long, Post> At(PlantCalendar calendar, DateTimeOffset now)
    {
        if (last.Posts is not null && last.Calendar == calendar && now - last.At < TimeSpan.FromSeconds(10) && now >= last.At && last.Posts.Values.All(p => p.Until > now))
            return last.Posts;
        var posts = new Dictionary<long, Post>();
        var silent = floor.Silent(dice, PlantHours.Block(clock, now).From);
        foreach (var department in floor.Departments)
            if (calendar.ShiftAt(department.Id, null, now) is { } shift)
                Man(posts, department.Id, shift, silent);
        last = (now, calendar, posts);
        return posts;
    }

    private void Man(Dictionary<long, Post> posts, long department, ShiftWindow shift, IReadOnlySet<long> silent)
    {
        var team = PlantHours.Team(clock, shift, department);
        PlantPerson? absent = null;
        void Put(PlantPerson? who, long? machine, long? stage)
        {
            if (who is null)
                return;
            if (people.IsAway(who.Id, shift.Day))
            {
                if ((absent ??= who) != who || people.Relief(department, team) is not { } relief || people.IsAway(relief.Id, shift.Day))
                    return;
                who = relief;
            }
            var post = posts.GetValueOrDefault(who.Id) ?? new Post(who, [], stage, shift.End);
            posts[who.Id] = machine is { } m ? post with { Machines = [.. post.Machines, m] } : post;
        }

        foreach (var machine in floor.Machines.Where(m => m.DepartmentId == department && m.Id != PlantFloor.VisitorsMachine && !silent.Contains(m.Id)))
            Put(people.AtMachine(machine.Id, team), machine.Id, null);
        foreach (var stage in floor.Stages.Where(s => s.DepartmentId == department && s.IsBench))
            for (var bench = 0; bench < PlantFloor.Benches(stage.Id) && (team != 'N' || shift.ShiftId < 0); bench++)
                Put(people.AtBench(stage.Id, bench, team == 'N' ? 'A' : team), null, stage.Id);
        foreach (var lead in people.All.Where(p => p.DepartmentId == department && p.Kind is "Supervisor" or "Technician" && p.DepartmentId == department && p.Team == team && !people.IsAway(p.Id, shift.Day)))
            posts.TryAdd(lead.Id, new(lead, [], null, shift.End));
    }
}
