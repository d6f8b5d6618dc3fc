using System.Globalization;

namespace Pms.Core.Demo.Plant;

/// <summary>
/// The 120 people of the demo plant (all invented), who works which machine or bench on which shift, and who is away when.
/// Every place has one person per shift; a relief of the department stands in for those who are absent.
/// </summary>
internal sealed class PlantPeople
{
    private static readonly string[] First =
    [
        "Naledi", "Thabo", "Aisha", "Pieter", "Zanele", "Sipho", "Priya", "Johan", "Lerato", "Kabelo", "Fatima", "Musa", "Chantelle", "Bongani", "Nomsa", "Ruan", "Ayanda", "Tendai", "Grace", "Imraan",
        "Palesa", "Werner", "Thandi", "Lwazi", "Mei", "Katlego", "Rosa", "Dumisani", "Elna", "Farai", "Nandi", "Otto", "Refilwe", "Sanjay", "Tumi", "Vusi", "Wanda", "Xolani", "Yusuf", "Zodwa",
    ];
    private static readonly string[] Last =
    [
        "Mokoena", "van Wyk", "Dlamini", "Naidoo", "Khumalo", "Botha", "Sithole", "Pillay", "Ndlovu", "Jacobs", "Mahlangu", "Steyn", "Zulu", "Adams", "Moyo", "Fourie", "Radebe", "Govender", "Chikwanha", "Meyer",
        "Tshabalala", "Petersen", "Nkosi", "Hendricks", "Molefe", "Osei", "Cloete", "Maseko", "Li", "Baloyi", "Daniels", "Phiri",
    ];

    private readonly PlantFloor floor;
    private readonly List<PlantPerson> all = [];
    private readonly Dictionary<(long Machine, char Team), PlantPerson> atMachine = [];
    private readonly Dictionary<(long Stage, int Bench, char Team), PlantPerson> atBench = [];
    private readonly Dictionary<(long Department, char Team), PlantPerson> reliefs = [];

    public PlantPeople(PlantFloor floor, Dice dice, DateOnly today)
    {
        this.floor = floor;
        Hire(dice.Fork(21), today);
        Absences = Away(dice.Fork(22), today);
    }

    public IReadOnlyList<PlantPerson> All => all;

    /// <summary>Plant days; made into instants with the plant's clock.</summary>
    public IReadOnlyList<(long EmployeeId, DateOnly From, DateOnly To, string Kind)> Absences { get; }

    public PlantPerson? AtMachine(long machine, char team) => atMachine.GetValueOrDefault((machine, team));

    public PlantPerson? AtBench(long stage, int bench, char team) => atBench.GetValueOrDefault((stage, bench, team));

    public PlantPerson? Relief(long department, char team) => reliefs.GetValueOrDefault((department, team));

    public PlantPerson FirstOf(string kind, long? department = null) => all.First(p => p.Kind == kind && (department is null || p.DepartmentId == department));

    public bool IsAway(long employee, DateOnly day) => Absences.Any(a => a.EmployeeId == employee && a.From <= day && day <= a.To);

    /// <summary>Who works where by default, one primary per machine and shift; reliefs are the backups of their department.</summary>
    public IEnumerable<PlantAllocation> Allocations(Func<long, char, long?> shiftOf)
    {
        foreach (var ((machine, team), person) in atMachine.OrderBy(a => a.Key.Machine).ThenBy(a => a.Key.Team))
            yield return new(person.Id, machine, "Primary", shiftOf(floor.Machines[(int)machine - 1].DepartmentId, team));
        yield return new(1, PlantFloor.VisitorsMachine, "Secondary", null);   // the visitor may come at any hour
        foreach (var ((department, team), person) in reliefs.OrderBy(r => r.Key.Department).ThenBy(r => r.Key.Team))
            foreach (var machine in floor.Machines.Where(m => m.DepartmentId == department))
                yield return new(person.Id, machine.Id, "Backup", shiftOf(department, team));
    }

    private void Hire(Dice dice, DateOnly today)
    {
        PlantPerson Add(long department, string position, string kind, char team, int slots, params long[] stages)
        {
            var n = all.Count;
            var person = new PlantPerson(n + 1, string.Create(CultureInfo.InvariantCulture, $"E{n + 1:000}"), First[n % First.Length], Last[(n * 7 + n / First.Length * 3) % Last.Length], department, position, kind, slots,
                today.AddDays(-dice.Between(60, 4000)))
            { Team = team, Stages = stages };
            all.Add(person);
            return person;
        }

        long[] Skills(long department) => [.. floor.Stages.Where(s => s.DepartmentId == department).Select(s => s.Id)];
        foreach (var department in floor.Departments)
        {
            var teams = department.Id == PlantFloor.Embroidery ? "ABN" : "AB";
            foreach (var team in teams)
                foreach (var machines in floor.Machines.Where(m => m.DepartmentId == department.Id).Chunk(department.Id == PlantFloor.Embroidery ? 2 : 1))
                {
                    // Two embroidery machines have one operator; so have the two slots of a twin press.
                    var visitor = all.Count == 0;
                    var kind = department.Id == PlantFloor.Cutting && !visitor ? "Cutter" : "Operator";
                    var person = Add(department.Id, kind == "Cutter" ? "Cutter" : "Machine operator", kind, team, Math.Max(machines.Length, machines.Max(m => m.Slots)), Skills(department.Id));
                    foreach (var machine in machines)
                        atMachine[(machine.Id, team)] = person;
                }
            foreach (var stage in floor.Stages.Where(s => s.DepartmentId == department.Id && s.IsBench))
                foreach (var team in "AB")
                    for (var bench = 0; bench < PlantFloor.Benches(stage.Id); bench++)
                        atBench[(stage.Id, bench, team)] = Add(department.Id, stage.Name, department.Id == PlantFloor.Packing ? "Packer" : "Operator", team, 1, Skills(department.Id));
            foreach (var team in "AB")
                reliefs[(department.Id, team)] = Add(department.Id, "Relief operator", "Operator", team, 2, Skills(department.Id));
        }
        foreach (var department in (long[])[PlantFloor.Cutting, PlantFloor.Embroidery, PlantFloor.Print, PlantFloor.Direct, PlantFloor.Packing])
            Add(department, "Shift lead", "Supervisor", department % 2 == 0 ? 'B' : 'A', 1, Skills(department));
        for (var i = 0; i < 4; i++)
            Add(PlantFloor.Print, "Maintenance technician", "Technician", i % 2 == 0 ? 'A' : 'B', 1);
        Add(PlantFloor.Packing, "Production planner", "Planner", 'A', 1);
        Add(PlantFloor.Cutting, "Production planner", "Planner", 'A', 1);
        Add(PlantFloor.Packing, "Quality controller", "Qc", 'A', 1);
        Add(PlantFloor.Print, "Quality controller", "Qc", 'B', 1);
        Add(PlantFloor.Packing, "Production coordinator", "Coordinator", 'A', 1);
        Add(PlantFloor.Cutting, "Production manager", "Manager", 'A', 1);
        Add(PlantFloor.Print, "Print manager", "Manager", 'A', 1);
    }

    private List<(long, DateOnly, DateOnly, string)> Away(Dice dice, DateOnly today)
    {
        var away = new List<(long, DateOnly, DateOnly, string)>();
        foreach (var person in all.Skip(1))
            for (var day = today.AddDays(-100 + dice.Below(60)); day < today.AddDays(30); day = day.AddDays(dice.Between(25, 90)))
            {
                var sick = dice.Chance(0.5);
                var days = sick ? dice.Between(1, 4) : dice.Between(3, 12);
                away.Add((person.Id, day, day.AddDays(days - 1), sick ? "Sick" : dice.Chance(0.7) ? "Leave" : "Training"));
                day = day.AddDays(days);
            }
        return away;
    }
}
