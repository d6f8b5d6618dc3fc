namespace Pms.Core.Capacity;

/// <summary>What of a load falls on one production day, as a share of the whole; the shares of a load make 1.</summary>
public readonly record struct DayShare(DateOnly Day, decimal Share);

/// <summary>
/// Spreads what is open of a job over the working time of its place between now, or its planned start, and its planned end. What is overdue, and what has
/// no working time left in its span, counts on the first open day from now.
/// </summary>
public static class LoadSpread
{
    private const int Digits = 12;

    public static IReadOnlyList<DayShare> Of(CapacityPlant plant, PlannedLoad load)
    {
        var time = plant.TimeOf(load.DepartmentId, load.MachineId);
        var from = load.Start > plant.Now ? load.Start : plant.Now;
        var days = load.End > from ? time.Shares(from, load.End) : [];
        var whole = days.Sum(d => d.Work.Ticks);
        if (whole == 0)
            return [new(FirstOpenDay(plant, time, from), 1)];
        var shares = new List<DayShare>(days.Count);
        var rest = 1m;
        for (var i = 0; i < days.Count; i++)
        {
            var share = i == days.Count - 1 ? rest : Math.Round((decimal)days[i].Work.Ticks / whole, Digits);
            shares.Add(new(days[i].Day, share));
            rest -= share;
        }
        return shares;
    }

    /// <summary>The minutes and units of each day; their sums are the load's.</summary>
    public static IReadOnlyList<(DateOnly Day, decimal Minutes, decimal Units)> Amounts(CapacityPlant plant, PlannedLoad load)
    {
        var shares = Of(plant, load);
        var minutes = Split(load.Minutes, shares);
        var units = Split(load.Rest, shares);
        return [.. shares.Select((s, i) => (s.Day, minutes[i], units[i]))];
    }

    /// <summary>An amount by its shares, to millionths; the last takes what rounding left.</summary>
    internal static decimal[] Split(decimal amount, IReadOnlyList<DayShare> shares)
    {
        var parts = new decimal[shares.Count];
        var rest = amount;
        for (var i = 0; i < parts.Length; i++)
            rest -= parts[i] = i == parts.Length - 1 ? rest : Math.Round(amount * shares[i].Share, 6);
        return parts;
    }

    private static DateOnly FirstOpenDay(CapacityPlant plant, PlaceTime time, DateTimeOffset from)
    {
        foreach (var stretch in time.From(from))
            return stretch.Day;
        return plant.Clock.DateOf(from);
    }
}
