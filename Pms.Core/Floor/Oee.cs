namespace Pms.Core.Floor;

/// <summary>Sums of a machine slot's time by class (ISO 22400-2); adding two gives the sums of both.</summary>
public readonly record struct UnitTimes
{
    /// <summary>Actual production time.</summary>
    public TimeSpan Apt { get; init; }

    /// <summary>Actual unit set-up time.</summary>
    public TimeSpan Aust { get; init; }
    public TimeSpan Rework { get; init; }

    /// <summary>Outside the planned busy time.</summary>
    public TimeSpan Planned { get; init; }

    /// <summary>Actual unit delay time: stands or paused.</summary>
    public TimeSpan Adet { get; init; }

    /// <summary>Actual down time of a watched machine without a started job: idle.</summary>
    public TimeSpan Adot { get; init; }
    public TimeSpan NoData { get; init; }

    /// <summary>Planned busy time: all but <see cref="Planned"/>.</summary>
    public TimeSpan Pbt => Apt + Aust + Rework + Adet + Adot + NoData;

    public static UnitTimes Of(IEnumerable<ClassSpan> timeline)
    {
        var sums = new TimeSpan[Enum.GetValues<TimeClass>().Length];
        foreach (var (span, type) in timeline)
            sums[(int)type] += span.Length;
        return new UnitTimes
        {
            Apt = sums[(int)TimeClass.Run],
            Aust = sums[(int)TimeClass.Setup],
            Rework = sums[(int)TimeClass.Rework],
            Planned = sums[(int)TimeClass.Planned],
            Adet = sums[(int)TimeClass.Down],
            Adot = sums[(int)TimeClass.Idle],
            NoData = sums[(int)TimeClass.NoData],
        };
    }

    public static UnitTimes operator +(UnitTimes a, UnitTimes b) => new()
    {
        Apt = a.Apt + b.Apt,
        Aust = a.Aust + b.Aust,
        Rework = a.Rework + b.Rework,
        Planned = a.Planned + b.Planned,
        Adet = a.Adet + b.Adet,
        Adot = a.Adot + b.Adot,
        NoData = a.NoData + b.NoData,
    };
}

/// <summary>First-pass pieces of one product: PQ = good + scrap + rework, GQ = good. <see cref="StandardMinutes"/> is PRI, null where there is none.</summary>
public readonly record struct Production(long ProductId, decimal? StandardMinutes, decimal Good, decimal Scrap, decimal Rework)
{
    public decimal Made => Good + Scrap + Rework;
}

/// <summary>
/// Overall equipment effectiveness of one or many machine slots, always as sum over sum: A = APT/PBT, E = ΣPRI·PQ/APT, Q = ΣPRI·GQ/ΣPRI·PQ,
/// OEE = ΣPRI·GQ/PBT, NEE = (APT+AUST)/PBT·E·Q (ISO 22400-2). No production or no standard gives no value, never 0 or 100.
/// E may exceed 1 and is shown so: it reveals a wrong standard.
/// </summary>
public sealed record Oee
{
    /// <summary>Above this share of PBT without data the value is shown with "x % unreported".</summary>
    public const double ShowUnreported = 0.1;

    public static readonly Oee None = new();

    public UnitTimes Times { get; init; }

    /// <summary>ΣPRI·PQ in minutes; null where a piece has no standard.</summary>
    public decimal? StandardMade { get; init; } = 0;

    /// <summary>ΣPRI·GQ in minutes.</summary>
    public decimal? StandardGood { get; init; } = 0;
    public decimal Made { get; init; }
    public decimal Good { get; init; }

    /// <summary>The only product made; null for none or several.</summary>
    private long? Product { get; init; }
    private bool Mixed { get; init; }

    public static Oee Of(UnitTimes times, IEnumerable<Production> production)
    {
        decimal? standardMade = 0, standardGood = 0;
        decimal made = 0, good = 0;
        long? product = null;
        var mixed = false;
        foreach (var p in production)
        {
            if (p.Made == 0 && p.Good == 0)
                continue;
            (standardMade, standardGood) = (standardMade + p.StandardMinutes * p.Made, standardGood + p.StandardMinutes * p.Good);
            (made, good) = (made + p.Made, good + p.Good);
            mixed |= product is { } other && other != p.ProductId;
            product = p.ProductId;
        }
        return new Oee { Times = times, StandardMade = standardMade, StandardGood = standardGood, Made = made, Good = good, Product = product, Mixed = mixed };
    }

    /// <summary>Σ/Σ of several, never an average of percentages.</summary>
    public static Oee operator +(Oee a, Oee b) => new()
    {
        Times = a.Times + b.Times,
        StandardMade = a.StandardMade + b.StandardMade,
        StandardGood = a.StandardGood + b.StandardGood,
        Made = a.Made + b.Made,
        Good = a.Good + b.Good,
        Product = a.Product ?? b.Product,
        Mixed = a.Mixed || b.Mixed || a.Product is { } x && b.Product is { } y && x != y,
    };

    public static Oee Sum(IEnumerable<Oee> parts) => parts.Aggregate(None, (sum, one) => sum + one);

    public double? Availability => Ratio(Times.Apt.TotalMinutes, Times.Pbt.TotalMinutes);
    public double? Effectiveness => Made == 0 ? null : Ratio((double?)StandardMade, Times.Apt.TotalMinutes);

    /// <summary>By standard minutes; by pieces where one product was made, which is the same and needs no standard.</summary>
    public double? Quality => Made == 0 ? null : !Mixed ? Ratio((double)Good, (double)Made) : Ratio((double?)StandardGood, (double?)StandardMade);
    public double? Value => Made == 0 ? null : Ratio((double?)StandardGood, Times.Pbt.TotalMinutes);
    public double? Nee => Ratio((Times.Apt + Times.Aust).TotalMinutes, Times.Pbt.TotalMinutes) * Effectiveness * Quality;

    /// <summary>No data as a share of PBT.</summary>
    public double Unreported => Ratio(Times.NoData.TotalMinutes, Times.Pbt.TotalMinutes) ?? 0;

    public bool IsPoorlyReported => Unreported > ShowUnreported;

    private static double? Ratio(double? part, double? whole) => whole is > 0 ? part / whole : null;
}
