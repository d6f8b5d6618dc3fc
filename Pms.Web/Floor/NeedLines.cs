using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Pms.Core.Floor;
using Pms.Web.Shared;

namespace Pms.Web.Floor;

/// <summary>The lines of <i>Needs a person</i>, each put into words once for all boards that show it in the same language.</summary>
public sealed class NeedLines(FloorWords words, ClockOrigin clocks)
{
    private readonly ConditionalWeakTable<NeedsPerson, ConcurrentDictionary<(string Numbers, string Language), DrawnNeed>> drawn = [];

    public DrawnNeed Of(NeedsPerson need) =>
        drawn.GetOrCreateValue(need).GetOrAdd((CultureInfo.CurrentCulture.Name, CultureInfo.CurrentUICulture.Name), _ => new DrawnNeed(words.Line(need), Key(need), From(need)));

    /// <summary>The same for the same need, whenever it was read.</summary>
    private static string Key(NeedsPerson need) =>
        string.Create(CultureInfo.InvariantCulture, $"{need.Kind}:{need.MachineId}:{need.JobId}:{need.OrderId}:{(need.Departments.Count > 0 ? need.Departments[0] : 0)}");

    private string? From(NeedsPerson need) => need.Since is { } since && need.Kind is not (NeedKind.LateOrder or NeedKind.OrderAtRisk) ? clocks.From(since) : null;
}

/// <summary>A line as all boards draw it; its clock, where it has one, began at <see cref="From"/>.</summary>
public sealed record DrawnNeed(NeedLine Line, string Key, string? From);
