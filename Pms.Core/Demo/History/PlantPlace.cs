using Pms.Core.Demo.Plant;
using Pms.Core.Departments;

namespace Pms.Core.Demo.History;

/// <summary>Somebody is there to work: a shift, or the part of one that is left when nobody stands in.</summary>
internal sealed record Window(long Start, long End, long EmployeeId, ShiftWindow Shift);

/// <summary>One place where one job at a time is done: a machine slot or a bench, with the windows in which somebody works there.</summary>
internal sealed class PlantPlace
{
    public long DepartmentId;
    public long StageId;
    public long WorkCentreId;
    public PlantMachine? Machine;
    public int Slot = 1;
    public int Bench;

    /// <summary>Which of the operator's slots work here takes: two machines of one operator are two slots.</summary>
    public int EmployeeSlot = 1;
    public List<Window> Windows = [];
    public long Free;
    private int cursor;

    public long? MachineId => Machine?.Id;
    public double Speed => (double)(Machine?.Speed ?? 1);

    /// <summary>The first worked instant at or after <paramref name="at"/>, with its window; null after the last.</summary>
    public (long At, int Window)? Open(long at)
    {
        while (cursor < Windows.Count && Windows[cursor].End <= Free)
            cursor++;
        for (var i = cursor; i < Windows.Count; i++)
            if (at < Windows[i].End)
                return (Math.Max(at, Windows[i].Start), i);
        return null;
    }

    /// <summary>All places of the plant with their windows in [from, to).</summary>
    public static List<PlantPlace> All(PlantFloor floor, PlantPeople people, PlantHours hours, PlantClock clock, DateTimeOffset from, DateTimeOffset to, Func<PlantPlace, ShiftWindow, bool> unmanned)
    {
        var places = new List<PlantPlace>();
        foreach (var machine in floor.Machines)
            for (var slot = 1; slot <= machine.Slots; slot++)
                places.Add(new()
                {
                    DepartmentId = machine.DepartmentId, StageId = machine.Stages[0], WorkCentreId = machine.WorkCentreId, Machine = machine, Slot = slot,
                    EmployeeSlot = machine.DepartmentId == PlantFloor.Embroidery ? 1 + (int)((machine.Id - floor.Machines.First(m => m.DepartmentId == PlantFloor.Embroidery).Id) % 2) : slot,
                });
        foreach (var stage in floor.Stages.Where(s => s.IsBench))
            for (var bench = 0; bench < PlantFloor.Benches(stage.Id); bench++)
                places.Add(new() { DepartmentId = stage.DepartmentId, StageId = stage.Id, WorkCentreId = floor.WorkCentres[(int)stage.Id - 1].Id, Bench = bench });

        foreach (var department in floor.Departments)
            foreach (var shift in hours.Calendar.Shifts(department.Id, null, from, to))
                Man(places.Where(p => p.DepartmentId == department.Id), people, clock, shift, department.Id, unmanned);
        return places;
    }

    private static void Man(IEnumerable<PlantPlace> places, PlantPeople people, PlantClock clock, ShiftWindow shift, long department, Func<PlantPlace, ShiftWindow, bool> unmanned)
    {
        var team = PlantHours.Team(clock, shift, department);
        long? reliefFor = null;
        foreach (var place in places)
        {
            var who = place.Machine is { } machine ? people.AtMachine(machine.Id, team) : people.AtBench(place.StageId, place.Bench, team == 'N' && shift.ShiftId < 0 ? 'A' : team);   // benches rest in a regular night
            if (who is null || unmanned(place, shift))
                continue;
            if (people.IsAway(who.Id, shift.Day))
            {
                // One relief per department and shift: it takes all places of the first who is absent; where a second is, the machine stands.
                if ((reliefFor ??= who.Id) != who.Id || people.Relief(department, team) is not { } relief || people.IsAway(relief.Id, shift.Day))
                    continue;
                who = relief;
            }
            place.Windows.Add(new(shift.Start.ToUnixTimeMilliseconds(), shift.End.ToUnixTimeMilliseconds(), who.Id, shift));
        }
    }
}
