using Pms.Core.Capacity;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Planning.Outlooks;
using Pms.Core.Planning.Releases;

namespace Pms.Core.Planning.Suggestions;

/// <summary>
/// Suggests: what could use a slot that a hold frees, the old places when the hold is lifted, and days and machines for a step. Looking writes nothing; what is chosen goes
/// through the same checks as any planning.
/// </summary>
public sealed class SuggestionService(HoldService holds, HoldRelief relief, JobPlanningService planning, PresentOutlook outlooks, CapacityQueries capacity, OpenItemQueries items, FieldRules fields, Rights rights, PlantClock clock, LiveSettings live)
{
    /// <summary>Candidates answered.</summary>
    private const int Ranked = 5;

    public const int MostDays = 40;

    /// <summary>Time that passes until somebody taps: what fits only from this very second on would be refused by then.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    /// <summary>A hold's slots and the best candidates for one of them (null: the first).</summary>
    public async Task<HoldSuggestions> OfHoldAsync(Actor actor, long holdId, long? jobId = null, CancellationToken ct = default)
    {
        var hold = await holds.FindAsync(actor, holdId, ct);
        rights.DemandDepartments(actor, Permissions.PlanningSchedule);
        var outlook = await outlooks.LoadAsync(ct);
        var own = await items.OfAsync([hold.OrderId], ct);
        var freed = await relief.SlotsAsync(hold, ct);
        var names = own.SelectMany(i => i.Steps).ToDictionary(s => s.Id, s => s.Stage);
        var over = hold.State != HoldState.Open;
        var slots = freed.Where(j => j.PlannedEnd > clock.Now || over).Select(j => SlotOf(outlook.Book, j, names.GetValueOrDefault(j.StepId, ""), over ? own.FirstOrDefault(i => i.Id == j.ItemId) : null)).ToList();
        var slot = over ? null : slots.FirstOrDefault(s => s.JobId == jobId) ?? slots.FirstOrDefault();
        return new()
        {
            Hold = hold, OrderNumber = own.Count > 0 ? own[0].OrderNumber : "", What = WhatOf(hold, own),
            FreesAt = hold is { State: HoldState.Open, FreedAt: null } ? hold.OpenedAt + live.Now.HoldGrace : null,
            Slots = slots, Slot = slot, Candidates = slot is null ? [] : [.. (await Task.Run(() => Candidates(outlook, hold, freed, slot), ct)).Select(c => c.As(OrderSight.Of(fields, actor)))],
        };
    }

    /// <summary>Plans the step of a freed job at its old place again, with all the checks of planning.</summary>
    /// <exception cref="RuleException">hold.old_place_gone: it has begun or passed · hold.old_place_taken: another job lies there. And those of <see cref="JobPlanningService.PlanAsync"/>.</exception>
    public async Task<JobResult> TakeOldPlaceAsync(Actor actor, long holdId, long jobId, string? key = null, CancellationToken ct = default)
    {
        var hold = await holds.FindAsync(actor, holdId, ct);
        rights.DemandDepartments(actor, Permissions.PlanningSchedule);
        var job = (await relief.SlotsAsync(hold, ct)).FirstOrDefault(j => j.Id == jobId && j.FreedBy == holdId) ?? throw new NotFoundException("job", jobId);
        var item = (await items.OfAsync([hold.OrderId], ct)).First(i => i.Id == job.ItemId);
        // What is in memory may be a moment old; who takes a place hears what holds now.
        if (GoneOf(new(await capacity.PlantAsync(ct: ct), await capacity.LoadsAsync((IReadOnlyCollection<long>?)null, ct)), job, item) is { } gone)
            throw new RuleException(gone.Code, gone.Args);
        return await planning.PlanAsync(actor, new PlanJob(job.StepId, job.Planned, job.PlannedStart, job.MachineId, job.EmployeeId, job.PlannedEnd, SetupMinutes: job.SetupMinutes), key, ct);
    }

    /// <summary>The earliest places for a step on the next working days, and on each machine that can run it.</summary>
    public async Task<DateSuggestions> DatesAsync(Actor actor, AskDates request, CancellationToken ct = default)
    {
        if (request.Days is < 1 or > MostDays)
            throw new InvalidException(nameof(AskDates.Days), "between", 1, MostDays);
        if (request.From is { Year: < 2000 or >= 2200 })
            throw new InvalidException(nameof(AskDates.From), "not_valid");
        var step = await capacity.StepAsync(request.StepId, ct) ?? throw new NotFoundException("step", request.StepId);
        rights.Demand(actor, Permissions.PlanningSchedule, step.DepartmentId);
        if (request.Quantity is <= 0 or > 1_000_000_000m)
            throw new InvalidException(nameof(AskDates.Quantity), request.Quantity <= 0 ? "not_positive" : "too_large", 1_000_000_000m);
        var book = (await outlooks.LoadAsync(ct)).Book;
        if (request.JobId is { } job)
        {
            if (book.Find(job) is not { State: LoadState.Planned } planned || planned.StepId != step.StepId)
                throw new NotFoundException("job", job);
            book = book.Copy();
            book.Remove(job);
        }
        var version = request.JobId is { } id ? (await items.VersionsAsync([id], ct)).GetValueOrDefault(id) : (int?)null;
        return await Task.Run(() => Dates(book, step, request, version), ct);
    }

    private static DateSuggestions Dates(CapacityBook book, PlannedLoad load, AskDates request, int? version)
    {
        var plant = book.Plant;
        var around = book.Loads.Where(l => l.ItemId == load.ItemId && l.StepId != load.StepId).ToList();
        var step = PlaceStep.Of(load, request.Quantity) with { NotBefore = around.Where(l => l.Position < load.Position).Max(l => (DateTimeOffset?)l.End) };
        var limit = around.Where(l => l.Position > load.Position).Min(l => (DateTimeOffset?)l.Start);
        var due = Forecast.EndOfDay(plant, load.DepartmentId, load.DueOn);
        var from = request.From is { } day && plant.Clock.At(day, 0) is var begin && begin > plant.Now + Leeway ? begin : plant.Now + Leeway;
        var time = plant.TimeOf(load.DepartmentId, null);
        var (days, placing) = (new List<DateSuggestion>(), new Placing(book));
        var open = plant.HasMachines(load.DepartmentId) || time.Next(from) is not null;
        PlaceFault? fault = null;
        for (var (at, left) = (DayOf(from), open ? request.Days : 0); left > 0 && at < plant.Clock.DateOf(from).AddDays(120); at = at.AddDays(1))
        {
            if (Hours(at).Where(h => h.End > from).ToList() is not { Count: > 0 } hours)
                continue;
            left--;
            var start = hours.Min(h => h.Start) is var opens && opens > from ? opens : from;
            var found = placing.Forward(step, start, limit);
            if (found.Fits && DayOf(found.Steps[0].Start) == at)
                days.Add(SuggestionOf(found.Steps[0]));
            else
                fault ??= found.Fault ?? placing.FaultOf(step, start, hours.Max(h => h.End));
        }
        if (days.Count == 0)
            fault ??= placing.FaultOf(step, from, from.AddDays(request.Days));   // nothing is worked there at all
        var machines = plant.MachinesFor(load.StageId).Select(m => placing.Forward(step with { MachineId = m.Id }, from, limit)).Where(p => p.Fits).Select(p => SuggestionOf(p.Steps[0])).OrderBy(s => s.End).ThenBy(s => s.MachineId).ToList();
        return new(plant.NameOf(Pool.Stage(load.StageId)), version, days, machines, fault is null ? null : Releasing.ProofOf(book, plant.NameOf(Pool.Stage(load.StageId)), fault));

        DateOnly DayOf(DateTimeOffset at) => plant.Calendar.ProductionDay(load.DepartmentId, null, at);

        // What passes without resources may begin at any hour.
        IEnumerable<Span> Hours(DateOnly day) => plant.Stages.GetValueOrDefault(load.StageId) is { Kind: StageKind.External or StageKind.Wait } ? [new(plant.Clock.At(day, 0), plant.Clock.At(day.AddDays(1), 0))]
            : plant.MachinesFor(load.StageId).SelectMany(m => plant.TimeOf(m.DepartmentId, m.Id).Of(day)).Concat(time.Of(day));

        DateSuggestion SuggestionOf(Placed p)
        {
            var home = p.MachineId is { } m ? plant.Machines[m].DepartmentId : load.DepartmentId;
            return new(DayOf(p.Start), p.MachineId, p.MachineId is { } n ? plant.NameOf(Pool.Machine(n)) : null, home, plant.NameOf(Pool.Department(home)), p.Start, p.End, p.SetupMinutes, p.End > due);
        }
    }

    /// <summary>Candidates for a slot, the best first, with what each does to the lateness of the plan.</summary>
    private static IReadOnlyList<Candidate> Candidates(Outlook outlook, Hold hold, IReadOnlyList<Job> freed, FreedSlot slot)
    {
        var plant = outlook.Book.Plant;
        var book = outlook.Book.Copy();
        foreach (var job in freed)
            book.Remove(job.Id);   // still kept within the grace
        var held = outlook.Items.FirstOrDefault(i => i.Steps.Any(s => s.Id == slot.StepId));
        var from = slot.Start > plant.Now + Leeway ? slot.Start : plant.Now + Leeway;
        var found = new List<(Candidate Candidate, Placed Placed)>();
        var facts = new Placing(book);
        foreach (var item in outlook.Items)
        {
            // The next step to plan must be this one: what comes before it is done, or planned to be done earlier.
            if (item.OrderId == hold.OrderId || item.Held is not null || item.Unplanned is not [var step, ..] || step.StageId != slot.StageId || step.DepartmentId != slot.DepartmentId || step.Short || !step.StageActive || !step.DepartmentActive)
                continue;
            var (wanted, need) = (item.ToPlace()[0] with { MachineId = slot.MachineId }, item.Flow.Need(step.Id));
            var until = item.NextBegins is { } next && next < slot.End ? next : slot.End;
            if (wanted.NotBefore >= until || Fitting(facts, wanted, item, need, from, until) is not { } placed)
                continue;
            var work = wanted.SetupMinutes + (CapacityPlant.RunMinutes(wanted.RunMinutes, slot.MachineId is { } m ? plant.Machines.GetValueOrDefault(m) : null) ?? 0) * need;
            var judged = new ScoreFacts(item.ProductId == held?.ProductId, item.CategoryId is { } c && c == held?.CategoryId, slot.Time > TimeSpan.Zero ? Math.Round(work * 100 / (decimal)slot.Time.TotalMinutes) : 0,
                SlackOf(outlook, item, step), item.Priority, placed.SetupMinutes);
            found.Add((new()
            {
                OrderId = item.OrderId, OrderNumber = item.OrderNumber, StepId = step.Id, Product = item.Product, Unit = item.Unit, Priority = item.Priority, DueOn = item.DueOn, Need = need, Quantity = placed.Step.Quantity,
                Start = placed.Start, End = placed.End, MachineId = placed.MachineId, SetupMinutes = placed.SetupMinutes, Facts = judged, Score = Scoring.Of(judged),
            }, placed));
        }
        var best = found.OrderByDescending(f => f.Candidate.Score.Total).ThenBy(f => f.Candidate.DueOn).ThenBy(f => f.Candidate.OrderId).Take(Ranked).ToList();
        if (best.Count == 0)
            return [];
        var without = new Outlook(book, outlook.Items);
        return [.. best.Select(f => f.Candidate with { Lateness = without.With([f.Placed]).TotalLateness - without.Forecast.TotalLateness })];
    }

    /// <summary>All of it where it fits before the slot's end, else as many whole pieces as do; null where not even a twentieth does.</summary>
    private static Placed? Fitting(Placing placing, PlaceStep wanted, OpenItem item, decimal need, DateTimeOffset from, DateTimeOffset until)
    {
        var plant = placing.Book.Plant;
        var quantity = need;
        for (var i = 0; i < 3; i++)
        {
            var found = placing.Forward(wanted with { Quantity = quantity }, from, until);
            if (found.Fits)
                return found.Steps[0];
            var run = CapacityPlant.RunMinutes(wanted.RunMinutes, wanted.MachineId is { } m ? plant.Machines.GetValueOrDefault(m) : null) ?? 0;
            var start = wanted.NotBefore > from ? wanted.NotBefore.Value : from;
            if (run <= 0 || until <= start)
                return null;
            var time = (decimal)TimeSpan.FromTicks(plant.TimeOf(wanted.DepartmentId, wanted.MachineId).Shares(start, until).Sum(s => s.Work.Ticks)).TotalMinutes;
            var unit = (decimal)Math.Pow(10, -item.Decimals);
            var fits = Math.Floor(Math.Min(quantity * 0.9m, Math.Max(0, time - wanted.SetupMinutes) / run) / unit) * unit;
            if (fits < need / 20 || fits <= 0)
                return null;
            quantity = fits;
        }
        return null;
    }

    /// <summary>Working days of the step's department between the forecast finish, or now, and the due day.</summary>
    private static int SlackOf(Outlook outlook, OpenItem item, OpenStep step)
    {
        var plant = outlook.Book.Plant;
        var end = outlook.Forecast.Items.GetValueOrDefault(item.Id) is { } finish ? plant.Clock.DateOf(finish) : plant.Today;
        var (first, last, sign) = end <= item.DueOn ? (end, item.DueOn, 1) : (item.DueOn, end, -1);
        var days = 0;
        for (var day = first.AddDays(1); day <= last && days < 60; day = day.AddDays(1))
            if (plant.Calendar.ShiftsOf(step.DepartmentId, null, day).Count > 0)
                days++;
        return sign * days;
    }

    private static FreedSlot SlotOf(CapacityBook book, Job job, string stage, OpenItem? again)
    {
        var plant = book.Plant;
        var slot = new FreedSlot
        {
            JobId = job.Id, StepId = job.StepId, StageId = job.StageId, Stage = stage, DepartmentId = job.DepartmentId, MachineId = job.MachineId, Machine = job.MachineId is { } m ? plant.NameOf(Pool.Machine(m)) : null,
            EmployeeId = job.EmployeeId, Start = job.PlannedStart, End = job.PlannedEnd, Quantity = job.Planned, SetupMinutes = job.SetupMinutes, Time = PlannedLoad.WorkOf(job.SetupMinutes + (job.RunMinutes ?? 0) * job.Planned),
        };
        if (again is null || job.Status != JobStatus.Cancelled)
            return slot;
        if (again.Flow.Steps.FirstOrDefault(s => s.Id == job.StepId) is not { } step || again.Flow.Need(step.Id) == 0)
            return slot with { Planned = true };
        return slot with { Gone = GoneOf(book, job, again) };
    }

    private static Refusal? GoneOf(CapacityBook book, Job job, OpenItem item)
    {
        if (job.PlannedStart < book.Plant.Now)
            return new("hold.old_place_gone", job.PlannedStart);
        var step = item.Steps.First(s => s.Id == job.StepId);
        var load = item.PlaceOf(step, job.Planned).LoadAt(new(item.PlaceOf(step, job.Planned), job.MachineId, job.WorkCentreId, job.PlannedStart, job.PlannedEnd, job.SetupMinutes, job.RunMinutes));
        try
        {
            CapacityGuard.DemandPlace(book.Plant, load);
        }
        catch (RuleException closed)
        {
            return new(closed.Code, [.. closed.Args]);
        }
        if (CapacityCheck.Overruns(book, [], [load]) is [var over, ..])
            return CapacityGuard.RefusalOf(book.Plant, over);
        // The day may have room, and the machine be taken at that hour.
        return job.MachineId is { } machine && new Placing(book).Forward(item.PlaceOf(step, job.Planned) with { MachineId = machine, SetupMinutes = job.SetupMinutes }, job.PlannedStart).Start != job.PlannedStart
            ? new("hold.old_place_taken", book.Plant.NameOf(Pool.Machine(machine)), job.PlannedStart) : null;
    }

    private static string? WhatOf(Hold hold, IReadOnlyList<OpenItem> own) => hold.Scope switch
    {
        HoldScope.Item => own.FirstOrDefault(i => i.Id == hold.ItemId)?.Product,
        HoldScope.Step => own.SelectMany(i => i.Steps).FirstOrDefault(s => s.Id == hold.StepId)?.Stage,
        _ => null,
    };
}
