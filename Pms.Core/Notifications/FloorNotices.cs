using System.Text.Json;
using System.Text.RegularExpressions;
using Pms.Core.Events;
using Pms.Core.Identity;

namespace Pms.Core.Notifications;

/// <summary>What of the floor somebody must hear of, and who: the one table from outbox entries to notifications.</summary>
public sealed partial class FloorNotices(NotificationService notifications) : IOutboxHandler
{
    private static readonly string[] Leads = [SeededRole.Supervisor, SeededRole.DepartmentManager];

    // Where a tap on the notification leads; {…} is filled from the payload.
    private const string Job = "/manager/jobs?job={jobId}", Order = "/manager/jobs?search={order}", Hold = "/planning/holds/{holdId}", Floor = "/manager/floor?department={departmentId}", Capacity = "/planning/capacity?department={departmentId}";

    private static readonly Dictionary<string, Notice> Notices = new()
    {
        // {0} who, {1} order or machine
        ["job.soft_override"] = new(Leads, ["by", "order", "machine", "more.reason"], Job),
        ["job.over_input"] = new(Leads, ["by", "order", "machine", "more.made", "more.available", "more.reason"], Job) { AlsoIn = "more.previousDepartmentId" },
        ["job.manual"] = new(Leads, ["by", "order", "machine"], Job),
        ["job.finished_short"] = new([.. Leads, SeededRole.Planner], ["by", "order", "machine", "more.good", "more.planned"], Job),
        ["step.accepted_short"] = new([SeededRole.Planner], ["by", "order", "reason"], Order) { Everywhere = true },
        ["ticket.opened"] = new([.. Leads, SeededRole.Technician], ["by", "machine", "ticket"], Floor) { Or = ("stands", "ticket.opened_stands") },
        ["ticket.released"] = new(Leads, ["by", "machine", "ticket"], Floor),
        ["hold.opened"] = new([SeededRole.Planner], ["by", "order", "note"], Hold) { Everywhere = true },
        ["hold.changed"] = new([SeededRole.Planner], ["by", "order", "note"], Hold) { Everywhere = true },
        ["capacity.warning"] = new([], ["department", "day", "percent", "more", "most"], Capacity) { Or = ("several", "capacity.warning_days"), May = Permissions.PlanningSchedule },
    };

    /// <param name="Roles">Who hears of it, in the entry's department.</param>
    /// <param name="Args">Paths into the payload that fill the words, in order.</param>
    private sealed record Notice(string[] Roles, string[] Args, string Link)
    {
        /// <summary>A second department whose leads hear of it: that of the step before.</summary>
        public string? AlsoIn { get; init; }

        /// <summary>The roles in every department.</summary>
        public bool Everywhere { get; init; }

        /// <summary>Whoever has this permission in the entry's department, in place of roles.</summary>
        public string? May { get; init; }

        /// <summary>Other words where this field is true.</summary>
        public (string When, string Kind)? Or { get; init; }
    }

    /// <summary>Every kind of notification there is; each needs words.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. Notices.Keys.Concat(Notices.Values.Where(n => n.Or is not null).Select(n => n.Or!.Value.Kind))];

    public bool Takes(string kind) => Notices.ContainsKey(kind);

    public async Task HandleAsync(OutboxEntry entry, CancellationToken ct)
    {
        var notice = Notices[entry.Kind];
        using var payload = JsonDocument.Parse(entry.Payload);
        var root = payload.RootElement;
        var kind = notice.Or is var (when, other) && Find(root, when) is { ValueKind: JsonValueKind.True } ? other : entry.Kind;
        object?[] args = [.. notice.Args.Select(path => Value(Find(root, path)))];
        var (department, by, eventKey) = (Id(root, "departmentId"), new Recipient(Id(root, "userId"), Id(root, "employeeId")), $"{entry.Kind}:{entry.Id}");
        var link = Placeholder().Replace(notice.Link, m => Uri.EscapeDataString(Find(root, m.Groups[1].Value)?.ToString() ?? ""));
        if (notice.May is { } permission && department is { } one)
            await notifications.TellWhoMayAsync(permission, one, kind, args, link, eventKey, ct);
        else if (department is not null || notice.Everywhere)
            await notifications.TellRolesAsync(notice.Roles, notice.Everywhere ? null : department, kind, args, link, eventKey, by, ct);
        if (notice.AlsoIn is not null && Id(root, notice.AlsoIn) is { } further && further != department)
            await notifications.TellRolesAsync(notice.Roles, further, kind, args, link, eventKey, by, ct);
    }

    private static JsonElement? Find(JsonElement at, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object)
                return null;
            // Payloads are written by several features; only the spelling of a name counts, not its case.
            var found = at.EnumerateObject().FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (found.Value.ValueKind == JsonValueKind.Undefined)
                return null;
            at = found.Value;
        }
        return at;
    }

    private static long? Id(JsonElement root, string path) => Find(root, path) is { ValueKind: JsonValueKind.Number } id ? id.GetInt64() : null;

    private static object? Value(JsonElement? element) => element switch
    {
        { ValueKind: JsonValueKind.Number } n => n.GetDecimal(),
        { ValueKind: JsonValueKind.String } s => s.GetString(),
        _ => null,
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
