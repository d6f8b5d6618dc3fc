using Pms.Core.Departments;
using Pms.Core.Jobs;

namespace Pms.Core.Floor;

/// <summary>
/// What needs a person, dearest waiting first. The cost of one minute of waiting, in idle machine minutes of working time: a standing machine
/// that had a job 3 (machine, person and order wait), another standing machine or a stopped job 2, a long set-up 1, a held order a twentieth,
/// times to confirm a fiftieth; an order at risk 5, a late one 10 for each day, because nobody wins them back at a machine.
/// Beyond the three worst orders one line stands for the rest.
/// </summary>
internal sealed class NeedsBuilder(PlantCalendar calendar, DateTimeOffset now, PlantSettings settings)
{
    private const int MostOrders = 3;

    /// <summary>Waiting longer than this costs no more: it is somebody's decision by then.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public FloorNeeds All(FloorRead read, IReadOnlyList<MachineTile> tiles, IReadOnlyList<OrderAtRisk> orders) => new()
    {
        Machines = [.. tiles.Select(OfMachine).OfType<NeedsPerson>()],
        Stops = Stops(read, tiles),
        Holds = [.. read.Holds.Select(OfHold)],
        ToConfirm = [.. read.ToConfirm.Select(OfTimes)],
        Orders = Orders(orders),
    };

    /// <summary>What was found before, but for what the changes bring: <paramref name="part"/> is what they read again, <paramref name="jobs"/> the rows of the named jobs, <paramref name="machines"/> the touched ones.</summary>
    public FloorNeeds Anew(FloorNeeds before, FloorChanges changes, FloorRead part, FloorRead jobs, IReadOnlyList<MachineTile> tiles, IReadOnlySet<long> machines, IReadOnlyList<OrderAtRisk>? orders) => new()
    {
        Machines = [.. before.Machines.Where(n => !machines.Contains(n.MachineId!.Value)), .. tiles.Where(t => machines.Contains(t.Id)).Select(OfMachine).OfType<NeedsPerson>()],
        Stops = [.. before.Stops.Where(n => !changes.Jobs.Contains(n.JobId!.Value)), .. Stops(jobs, tiles)],
        Holds = before.Holds,
        ToConfirm = [.. before.ToConfirm.Where(n => !changes.Confirms.Contains(n.Departments[0])), .. part.ToConfirm.Select(OfTimes)],
        Orders = orders is null ? before.Orders : Orders(orders),
    };

    /// <summary>Stopped jobs that are on no machine shown.</summary>
    private List<NeedsPerson> Stops(FloorRead read, IReadOnlyList<MachineTile> tiles)
    {
        var stopped = read.Started.Where(j => j.Status == JobStatus.Paused).ToList();
        if (stopped.Count == 0)
            return [];
        var shown = tiles.Select(t => t.Id).ToHashSet();
        return [.. stopped.Where(j => j.MachineId is not { } m || !shown.Contains(m)).Select(j => OfStop(j, null, j.PausedAt ?? now)).OfType<NeedsPerson>()];
    }

    private static List<NeedsPerson> Orders(IReadOnlyList<OrderAtRisk> orders)
    {
        var needs = new List<NeedsPerson>();
        foreach (var kind in orders.GroupBy(o => o.DaysLate > 0))
        {
            var worst = kind.OrderByDescending(o => o.DaysLate).ThenBy(o => o.DueOn).ToList();
            needs.AddRange(worst.Take(MostOrders).Select(OfOrder));
            if (worst.Count > MostOrders)
                needs.Add(OfOrder(worst[MostOrders]) with
                {
                    Kind = kind.Key ? NeedKind.MoreLateOrders : NeedKind.MoreOrdersAtRisk,
                    Departments = [.. worst.Skip(MostOrders).SelectMany(o => o.Departments).Distinct()],
                    Count = worst.Count - MostOrders,
                    Order = null,
                    OrderId = null,
                    DueOn = null,
                    Expected = null,
                });
        }
        return needs;
    }

    private NeedsPerson OfHold(OpenHold hold) => new()
    {
        Kind = NeedKind.Hold,
        Departments = hold.DepartmentId is { } d ? [d] : [],
        Since = hold.OpenedAt,
        Cost = 0.05 * Minutes(hold.DepartmentId, hold.OpenedAt),
        OrderId = hold.OrderId,
        Order = hold.OrderNumber,
        Text = hold.Note,
        DueOn = hold.ExpectedOn,
    };

    private NeedsPerson OfTimes(ToConfirm times) =>
        new() { Kind = NeedKind.ToConfirm, Departments = [times.DepartmentId], Since = times.Oldest, Count = times.Count, Cost = 0.02 * Minutes(times.DepartmentId, times.Oldest) };

    private static NeedsPerson OfOrder(OrderAtRisk order) => new()
    {
        Kind = order.DaysLate > 0 ? NeedKind.LateOrder : NeedKind.OrderAtRisk,
        Departments = order.Departments,
        OrderId = order.OrderId,
        Order = order.Number,
        DueOn = order.DueOn,
        Expected = order.Forecast,
        Cost = order.DaysLate > 0 ? 10 * order.DaysLate : 5,
    };

    private NeedsPerson? OfMachine(MachineTile tile)
    {
        if (tile.Ticket is { } ticket)
        {
            var overdue = ticket.ExpectedBack < now;
            if (ticket.IsPlanned && !overdue)
                return null;
            return new NeedsPerson
            {
                Kind = overdue ? NeedKind.BackOverdue : NeedKind.Stands,
                Departments = [tile.DepartmentId],
                Since = ticket.StandsFrom,
                Cost = (tile.Job is null ? 2 : 3) * Minutes(tile.DepartmentId, ticket.StandsFrom),
                MachineId = tile.Id,
                Machine = tile.Number,
                Text = ticket.Reason ?? ticket.Description,
                Ticket = ticket.Number,
                Person = ticket.Assigned,
                Expected = ticket.ExpectedBack,
            };
        }
        if (tile.State == MachineState.SetUpLong && tile.Job is { } setup)
        {
            return new NeedsPerson
            {
                Kind = NeedKind.SetUpLong,
                Departments = [tile.DepartmentId],
                Since = setup.Since,
                Cost = Minutes(tile.DepartmentId, setup.Since),
                MachineId = tile.Id,
                Machine = tile.Number,
                JobId = setup.Job.Id,
                Order = setup.Job.OrderNumber,
                Person = setup.Job.OperatorFirst,
            };
        }
        return tile.State == MachineState.Stopped && tile.Job is { } stopped ? OfStop(stopped.Job, tile, stopped.Since) : null;
    }

    private NeedsPerson? OfStop(StartedJob job, MachineTile? tile, DateTimeOffset since)
    {
        var wantsReason = job.PauseReasonId is null && (job.PauseCause is null or PauseCause.Operator) && now - since >= settings.ReasonWanted;
        if (!wantsReason && (now - since < settings.LongStop || job.IsPlannedStop))
            return null;
        return new NeedsPerson
        {
            Kind = wantsReason ? NeedKind.StopWithoutReason : NeedKind.LongStop,
            Departments = [job.DepartmentId],
            Since = since,
            Cost = 2 * Minutes(job.DepartmentId, since),
            MachineId = tile?.Id,
            Machine = tile?.Number,
            JobId = job.Id,
            OrderId = job.OrderId,
            Order = job.OrderNumber,
            Text = job.PauseReason,
            Person = job.OperatorFirst,
        };
    }

    private double Minutes(long? departmentId, DateTimeOffset since)
    {
        var from = now - since > Longest ? now - Longest : since;
        return calendar.WorkingTime(departmentId ?? 0, null, from, now).Total().TotalMinutes;
    }
}

/// <summary>What needs a person, by what it hangs on, so that one tap finds only its own machine's anew.</summary>
internal sealed record FloorNeeds
{
    public static readonly FloorNeeds None = new();

    public IReadOnlyList<NeedsPerson> Machines { get; init; } = [];
    public IReadOnlyList<NeedsPerson> Stops { get; init; } = [];
    public IReadOnlyList<NeedsPerson> Holds { get; init; } = [];
    public IReadOnlyList<NeedsPerson> ToConfirm { get; init; } = [];
    public IReadOnlyList<NeedsPerson> Orders { get; init; } = [];

    /// <summary>Dearest first.</summary>
    public IReadOnlyList<NeedsPerson> List() => [.. Machines.Concat(Stops).Concat(Holds).Concat(ToConfirm).Concat(Orders).OrderByDescending(n => n.Cost).ThenBy(n => n.Kind)];
}
