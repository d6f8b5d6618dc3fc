namespace Pms.Core.Demo.Plant;

/// <summary>The demo plant's departments, stages, machines and reasons: a garment-branding plant, everything in it invented.</summary>
internal sealed class PlantFloor
{
    public const long Cutting = 1, Embroidery = 2, Print = 3, Direct = 4, Sewing = 5, Packing = 6;
    public const long FabricCut = 1, LaserCut = 2, Stitch = 3, Trim = 4, Screen = 5, Pad = 6, DirectPrint = 7, Press = 8, Sew = 9, Finish = 10, Check = 11, Fold = 12;

    /// <summary>The machine of the visitor's operator.</summary>
    public const long VisitorsMachine = 1;

    public IReadOnlyList<PlantDepartment> Departments { get; } =
    [
        new(Cutting, "CUT", "Cutting", "Branding", 7200),
        new(Embroidery, "EMB", "Embroidery", "Branding", 3800),
        new(Print, "PRT", "Print", "Branding", 8600),
        new(Direct, "DTG", "Direct print and press", "Branding", 4200),
        new(Sewing, "SEW", "Sewing and finishing", "Branding", 5800),
        new(Packing, "PCK", "Packing", "Branding", 14000),
    ];

    public IReadOnlyList<PlantStage> Stages { get; } =
    [
        new(FabricCut, Cutting, 1, "Fabric cutting", "Machine", 0.42m, 8, 0.01m, "material"),
        new(LaserCut, Cutting, 2, "Laser cutting", "Machine", 0.8m, 12, 0.01m, "material artwork"),
        new(Stitch, Embroidery, 1, "Embroidery", "Machine", 1.9m, 25, 0.015m, "artwork tool", 24),
        new(Trim, Embroidery, 2, "Trimming", "Bench", 0.5m, 2, 0.005m),
        new(Screen, Print, 1, "Screen printing", "Machine", 0.76m, 30, 0.02m, "first_piece artwork tool", 24),
        new(Pad, Print, 2, "Pad printing", "Machine", 0.95m, 20, 0.015m, "artwork tool"),
        new(DirectPrint, Direct, 1, "Direct print", "Machine", 1.7m, 10, 0.02m, "artwork"),
        new(Press, Direct, 2, "Heat press", "Machine", 0.55m, 8, 0.01m),
        new(Sew, Sewing, 1, "Sewing", "Machine", 0.8m, 12, 0.01m, "material"),
        new(Finish, Sewing, 2, "Finishing", "Bench", 0.38m, 2, 0.005m),
        new(Check, Packing, 1, "Final check", "Bench", 0.3m, 2, 0.01m),
        new(Fold, Packing, 2, "Folding and bagging", "Machine", 0.22m, 4, 0.005m),
    ];

    public IReadOnlyList<PlantWorkCentre> WorkCentres { get; } =
    [
        new(1, Cutting, "WC-CUT", "Fabric cutters"), new(2, Cutting, "WC-LAS", "Lasers"), new(3, Embroidery, "WC-EMB", "Embroidery heads"), new(4, Embroidery, "WC-TRM", "Trimming benches"),
        new(5, Print, "WC-SCR", "Screen presses"), new(6, Print, "WC-PAD", "Pad printers"), new(7, Direct, "WC-DTG", "Direct printers"), new(8, Direct, "WC-PRS", "Heat presses"),
        new(9, Sewing, "WC-SEW", "Sewing line"), new(10, Sewing, "WC-FIN", "Finishing benches"), new(11, Packing, "WC-CHK", "Checking tables"), new(12, Packing, "WC-FLD", "Folding line"),
    ];

    /// <summary>How many places a bench stage has.</summary>
    public static int Benches(long stage) => stage switch { Trim => 3, Finish => 2, Check => 3, _ => 0 };

    public IReadOnlyList<PlantMachine> Machines { get; }

    public IReadOnlyList<PlantReason> Reasons { get; } = MakeReasons();

    public PlantFloor(Dice dice, DateOnly today) => Machines = MakeMachines(dice.Fork(11), today);

    public PlantReason Reason(string code) => Reasons.First(r => r.Code == code);

    /// <summary>Two machines that nobody works at in a block of eight hours: no data.</summary>
    public IReadOnlySet<long> Silent(Dice dice, DateTimeOffset block) =>
        dice.Fork(block.ToUnixTimeSeconds()).Shuffle(Machines.Where(m => m is { Slots: 1, DepartmentId: Print or Sewing })).Take(2).Select(m => m.Id).ToHashSet();

    private List<PlantMachine> MakeMachines(Dice dice, DateOnly today)
    {
        (long Stage, int Count, string Name, string Type, string[] Makes, string[] Models)[] groups =
        [
            (FabricCut, 3, "Cutter", "Straight-knife cutter", ["Nordvik", "Talani"], ["KC-80", "S3 Cutline"]),
            (LaserCut, 2, "Laser", "CO₂ laser", ["Heliox"], ["L900", "L1200"]),
            (Stitch, 8, "Embroidery", "Embroidery, 6 heads", ["Sakuro", "Brodex"], ["EM-615", "EM-1206", "Stitchline 6"]),
            (Screen, 6, "Carousel", "Screen press, 8 stations", ["Printaro", "Vellmark"], ["Rondo 8", "Aurora 8/6"]),
            (Pad, 3, "Pad printer", "Pad printer, 2 colours", ["Tampex"], ["TP-90", "TP-130"]),
            (DirectPrint, 4, "Direct printer", "Direct-to-garment printer", ["Colorwerk", "Vellmark"], ["DG-4", "Pigment 2"]),
            (Press, 3, "Heat press", "Pneumatic heat press", ["Thermaline"], ["HP-40", "HP-40 Twin"]),
            (Sew, 6, "Sewing", "Overlock and lockstitch line", ["Naledi", "Stichtor"], ["OL-5", "LS-9000"]),
            (Fold, 5, "Folder", "Folding and bagging machine", ["Packaro"], ["F-600", "F-900"]),
        ];
        var machines = new List<PlantMachine>();
        foreach (var group in groups)
        {
            var stage = Stages.First(s => s.Id == group.Stage);
            var centre = WorkCentres[(int)stage.Id - 1].Id;
            for (var i = 1; i <= group.Count; i++)
            {
                var id = machines.Count + 1;
                var last = i == group.Count;
                machines.Add(new(id, $"M-{id:00}", $"{group.Name} {i}", stage.DepartmentId, centre, group.Type, dice.Pick(group.Makes), dice.Pick(group.Models), $"{dice.Between(100000, 999999)}",
                    today.AddDays(-dice.Between(300, 4200)), dice.Between(18, 23) / 20m, last && stage.Id is Screen or Press && last ? 2 : 1, stage.Id == LaserCut || stage.Id == Stitch && i > 5, [stage.Id]));
            }
        }
        return machines;
    }

    private static List<PlantReason> MakeReasons()
    {
        List<PlantReason> all = [];
        void Stop(string code, string word, string icon, string kpi, bool ticket = false, bool labour = true, long? department = null) =>
            all.Add(new(all.Count + 1, "Stop", department, code, word, icon, all.Count + 1, kpi, ticket, labour));
        void Other(string list, string code, string word, string icon, long? department = null) =>
            all.Add(new(all.Count + 1, list, department, code, word, icon, all.Count(r => r.List == list) + 1));

        Stop("break", "Break", "coffee", "Break");
        Stop("material", "No material", "material", "Organisational");
        Stop("thread", "Thread or ink change", "thread", "Organisational", labour: false);
        Stop("artwork", "Artwork unclear", "document", "Organisational");
        Stop("adjust", "Adjusting", "tune", "Technical", labour: false);
        Stop("breakdown", "Breakdown", "build", "Technical", ticket: true);
        Stop("quality", "Quality check", "quality", "Quality", labour: false);
        Stop("cleaning", "Cleaning", "cleaning", "Planned");
        Stop("shift_end", "End of shift", "clock", "Planned");
        Stop("no_operator", "No operator", "people", "Organisational");
        Stop("service", "Planned service", "tool", "Planned");
        Stop("power", "Power or air failure", "warning", "Technical");
        Stop("hoop", "Hoop change", "swap", "Organisational", labour: false, department: Embroidery);
        Stop("screen_wash", "Screen wash", "cleaning", "Technical", labour: false, department: Print);
        Other("Scrap", "stain", "Stain or dirt", "stain");
        Other("Scrap", "misplaced", "Misplaced", "ruler");
        Other("Scrap", "material_fault", "Faulty material", "material");
        Other("Scrap", "set_up_piece", "Set-up piece", "tune");
        Other("Scrap", "wrong_size", "Wrong size", "cut");
        Other("Scrap", "thread_break", "Thread break", "thread", Embroidery);
        Other("Scrap", "colour", "Colour off", "color", Print);
        Other("Scrap", "scorched", "Scorched", "damage", Direct);
        Other("Rework", "restitch", "Stitch again", "swap");
        Other("Rework", "relabel", "Wrong label", "document");
        Other("Hold", "material", "Material missing", "material");
        Other("Hold", "customer", "Customer asked", "people");
        Other("Hold", "quality", "Quality", "quality");
        Other("Hold", "capacity", "Capacity", "clock");
        return all;
    }
}
