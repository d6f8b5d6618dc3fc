using Pms.Core.Demo.Plant;
using Pms.Core.Jobs;
using Pms.Core.Orders;

namespace Pms.Core.Demo.History;

/// <summary>
/// Plays the plant from the first day of its history through now into the coming weeks, in one pass: each step of an item goes, when it is ready,
/// to the place of its stage that is free first. What starts before now is played out with its stops and reports; what starts later is the plan.
/// So history, the present and the plan are of one piece.
/// </summary>
internal sealed class PlantHistory
{
    private const long Minute = 60_000, Day = 24 * 60 * Minute;

    /// <summary>How far the plan reaches.</summary>
    internal const int WeeksAhead = 6;

    private readonly DemoSettings settings;
    private readonly PlantFloor floor;
    private readonly PlantCatalogue catalogue;
    private readonly PlantClock clock;
    private readonly Dice dice;
    private readonly long now;
    private readonly ILookup<long, PlantPlace> places;
    private readonly PriorityQueue<Action<long>, (long At, long Number)> events = new();
    private readonly IReadOnlyList<PlantPerson> technicians;
    private long number, jobs;
    private int inWork;
    private bool ahead;

    public PlantHistory(DemoSettings settings, PlantFloor floor, PlantPeople people, PlantCatalogue catalogue, PlantClock clock, IEnumerable<PlantPlace> places, DateTimeOffset now, Dice dice)
    {
        (this.settings, this.floor, this.catalogue, this.clock, this.dice) = (settings, floor, catalogue, clock, dice);
        this.now = now.ToUnixTimeMilliseconds();
        this.places = places.ToLookup(p => p.StageId);
        technicians = [.. people.All.Where(p => p.Kind == "Technician")];
    }

    public List<PlantOrder> Orders { get; } = [];

    public List<PlantTicket> Tickets { get; } = [];

    public IEnumerable<PlantPlace> Places => places.SelectMany(p => p);

    public void Play()
    {
        var from = now - settings.HistoryDays * Day;
        for (var items = 0; items < settings.ItemsInWork;)
        {
            var order = Make();
            items += order.Items.Count;
            At(from + (long)(dice.Share() * 1.5 * Day), t => Release(order, t));
        }
        inWork = Orders.Sum(o => o.Items.Count);
        while (events.TryDequeue(out var act, out var when) || !ahead && PlanAhead())
        {
            if (act is null)
                continue;
            if (when.At >= now && !ahead)
                PlanAhead();
            act(when.At);
        }
    }

    /// <summary>Orders that are not completed now.</summary>
    public IEnumerable<PlantOrder> Open => Orders.Where(o => o.CompletedAt is null);

    private void At(long time, Action<long> act) => events.Enqueue(act, (time, number++));

    /// <summary>The book of orders beyond what is in work: the visitor's, those planned over six weeks (most of them soon), and those nobody has planned yet.</summary>
    private bool PlanAhead()
    {
        ahead = true;
        var unplanned = settings.OpenOrders / 8;
        const int visitors = 4;
        var planned = settings.OpenOrders - unplanned - visitors - Open.Count();
        for (var i = 0; i < planned; i++)
        {
            var order = Make();
            At(now + (long)(Math.Pow(dice.Share(), 1.4) * WeeksAhead * 7 * Day), t => Release(order, t));
        }
        for (var i = 0; i < unplanned; i++)
            Make();
        var free = now;
        var place = places[PlantFloor.FabricCut].First(p => p.MachineId == PlantFloor.VisitorsMachine);
        for (var i = 0; i < visitors; i++)
        {
            var order = Make(dice.Pick(catalogue.Cut));
            var step = order.Items[0].Steps[0];
            var job = Add(step, step.Required, place, now - Day);
            (job.PlannedStart, job.PlannedEnd, job.EmployeeId) = (free, free + Standard(job), 1);
            free = job.PlannedEnd;
            At(job.PlannedEnd, t => Next(step, t));
        }
        return true;
    }

    private PlantOrder Make(PlantProduct? product = null)
    {
        var order = PlantOrder.Make(Orders.Count + 1, catalogue, dice.Fork(1_000_000 + Orders.Count), product);
        Orders.Add(order);
        return order;
    }

    private void Release(PlantOrder order, long at)
    {
        order.CreatedAt = clock.At(clock.DateOf(Instant(Math.Min(at, now))).AddDays(-dice.Between(2, 8)), dice.Between(8 * 60, 16 * 60));
        foreach (var item in order.Items)
            At(at, t => Assign(item.Steps[0], item.Steps[0].Required, t));
    }

    /// <summary>Gives a step to the place of its stage that can begin first.</summary>
    private void Assign(PlantStep step, int planned, long ready)
    {
        var best = places[step.Path.Stage.Id].Select(p => (Place: p, Start: p.Open(Math.Max(ready, p.Free))))
            .Where(p => p.Start is { } s && s.At < p.Place.Windows[^1].End - 36 * 60 * Minute)   // the visitor's machine takes nothing that would not end before the visitor comes
            .MinBy(p => (p.Start!.Value.At, p.Place.Free));
        var (place, start) = (best.Place, best.Start!.Value);
        var job = Add(step, planned, place, Math.Min(ready, now - Minute) - dice.Between(30, 600) * Minute);
        job.PlannedStart = start.At - (start.At < now ? dice.Between(-15, 45) * Minute : 0);
        job.PlannedEnd = Walk(place, start, (long)(Standard(job) * 1.05));
        if (start.At >= now)
        {
            job.WorkCentreOnly = start.At > now + 3 * Day && dice.Chance(0.1);
            place.Free = job.PlannedEnd + 3 * Minute;
            At(job.PlannedEnd, t => Next(step, t));
            return;
        }
        Work(job, start);
    }

    private PlantJob Add(PlantStep step, int planned, PlantPlace place, long created)
    {
        var job = new PlantJob { Step = step, Place = place, Planned = planned, CreatedAt = created, Number = ++jobs };
        step.Jobs.Add(job);
        return job;
    }

    /// <summary>Set-up and run at standard, in milliseconds.</summary>
    internal static long Standard(PlantJob job) => (long)((job.Step.Path.SetupMinutes + (double)job.Step.Path.RunMinutes * job.Planned / job.Place.Speed) * Minute);

    private static long Walk(PlantPlace place, (long At, int Window) start, long work)
    {
        var (at, window) = start;
        while (at + work > place.Windows[window].End && window + 1 < place.Windows.Count)
        {
            work -= place.Windows[window].End - at;
            at = place.Windows[++window].Start;
        }
        return at + work;
    }

    private void Work(PlantJob job, (long At, int Window) start)
    {
        var mine = dice.Fork(2_000_000 + job.Number * 10);
        var (step, input) = (job.Step, job.Step.Input);
        var bad = mine.Chance(0.03) ? 4 : 1;
        var scrap = (int)Math.Round(job.Planned * (double)step.Path.ScrapShare * mine.Between(0, 1.25) * bad);
        scrap = Math.Min(scrap, Math.Max(0, input - 1));
        var good = Math.Min(job.Planned, input - scrap);
        var later = job.Planned >= 60 && step.Jobs.Count == 1 && good == job.Planned && mine.Chance(0.03);
        if (later)
            (good, scrap) = ((int)(good * mine.Between(0.5, 0.8)), scrap / 2);
        var story = new JobStory(floor, job, mine);
        var end = story.Play(start, good, scrap, mine.Mostly(0.88, 1.14));
        job.Place.Free = end + mine.Between(2, 9) * Minute;
        foreach (var (from, to, reporter) in story.Breakdowns.Where(b => b.From < now))
            Tickets.Add(Broken(job, from, to, reporter, mine));
        if (end > now)
        {
            Present.Cut(job, now);
            At(end, t => Next(step, t));
            return;
        }
        (job.Good, job.Scrap, job.Status, job.FinishedAt, job.LastAction, job.LastActionAt) = (good, scrap, JobStatus.Finished, end, JobAction.Finish, end);
        job.OperatorId = job.Reports.Count > 0 ? job.Reports[^1].EmployeeId : job.Labour[^1].EmployeeId;
        job.Finish = good >= job.Planned ? JobFinish.Complete : later ? JobFinish.RestLater : JobFinish.Short;
        var rest = job.Planned - good;
        At(end + mine.Between(5, 40) * Minute, t =>
        {
            if (later)
                Assign(step, rest, t);
            else
                Next(step, t);
        });
        if (!later && step.Good < step.Required)
            step.AcceptedShort = (Instant(end), "Planner", "Too few pieces from the step before");
        if (!later && step.IsLast)
            At(end, t => Complete(step.Item, t));
    }

    private void Next(PlantStep step, long at)
    {
        if (!step.IsLast && step.Item.Steps[step.Path.Position] is { Jobs.Count: 0 } next)
            Assign(next, next.Required, at);
    }

    /// <summary>An item is done: as much new work comes in as went out, as long as it is history.</summary>
    private void Complete(PlantItem item, long at)
    {
        inWork--;
        if (item.Order.Items.TrueForAll(i => i.IsDone))
            item.Order.CompletedAt = Instant(at);
        while (!ahead && inWork < settings.ItemsInWork)
        {
            var order = Make();
            inWork += order.Items.Count;
            Release(order, at);
        }
    }

    private PlantTicket Broken(PlantJob job, long from, long to, long reporter, Dice mine)
    {
        var machine = job.Place.Machine!;
        var technician = mine.Pick(technicians).Id;
        var done = to <= now;
        var words = mine.Pick(Faults);
        return new(machine.Id, machine.DepartmentId, floor.Reason("breakdown").Id, words.Fault, mine.Pick(Severities), true, done ? "Completed" : "InProgress", reporter, technician, from, from,
            from + 4 * 60 * Minute, Math.Min(from + (to - from) / 3, now), done ? to : null, done ? to : null, done ? words.Cure : null);
    }

    private static DateTimeOffset Instant(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static readonly string[] Severities = ["Low", "Medium", "Medium", "High"];

    internal static readonly (string Fault, string Cure)[] Faults =
    [
        ("Stops by itself, drive shows an error", "Drive reset, plug cleaned"), ("Needle bar jammed", "Needle bar set, two needles replaced"), ("Air pressure too low", "Hose and coupling replaced"),
        ("Head does not move to its place", "Belt tightened, origin taught again"), ("Loud noise from the bearing", "Bearing replaced and greased"), ("Temperature does not hold", "Thermocouple replaced"),
        ("Sensor does not see the pallet", "Sensor cleaned and set"), ("Ink pump leaks", "Seal replaced"), ("Emergency stop can't be released", "Contact block replaced"),
    ];
}
