using Pms.Core.Imports;

namespace Pms.Core.Departments;

/// <summary>Stages as files name them: alone where the record's own department has it or only one has, else as "Department / Stage".</summary>
public sealed class StageNames
{
    private readonly ImportLookup everywhere = new();
    private readonly Dictionary<long, ImportLookup> within = [];
    private readonly Dictionary<long, string> names = [];

    public static StageNames Of(IReadOnlyList<Department> departments, IReadOnlyList<Stage> stages)
    {
        var of = new StageNames();
        var areas = departments.ToDictionary(d => d.Id);
        foreach (var s in stages)
        {
            of.names[s.Id] = s.Name;
            if (!s.Active || !areas.TryGetValue(s.DepartmentId, out var area))
                continue;
            of.everywhere.Add(s.Id, s.Name, $"{area.Name} / {s.Name}", $"{area.Name}/{s.Name}", $"{area.Code}/{s.Name}");
            (of.within.TryGetValue(area.Id, out var own) ? own : of.within[area.Id] = new ImportLookup()).Add(s.Id, s.Name);
        }
        return of;
    }

    public string? Shown(IEnumerable<long> ids) => string.Join(", ", ids.Select(id => names.GetValueOrDefault(id, $"#{id}"))) is { Length: > 0 } text ? text : null;

    /// <exception cref="InvalidException">import.unknown, import.ambiguous.</exception>
    public long Get(string text, long departmentId) => within.GetValueOrDefault(departmentId)?.Find(text) ?? everywhere.Get(text);
}
