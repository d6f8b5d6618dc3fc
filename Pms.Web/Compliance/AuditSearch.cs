using System.Globalization;
using Microsoft.Extensions.Primitives;
using Pms.Core;
using Pms.Core.Compliance;

namespace Pms.Web.Compliance;

/// <summary>What the address of an audit page asks for: the same words filter the page and the report made from it. Times are the plant's.</summary>
public sealed record AuditSearch
{
    /// <summary>Days back from now; "0" is today. Without from and to, a week.</summary>
    public static readonly IReadOnlyList<string> Spans = ["0", "7", "30", "90", "366"];

    public const string Week = "7";

    public string Span { get; init; } = Week;
    public string? From { get; init; }
    public string? To { get; init; }

    /// <summary>u:5, e:7, or a part of a name.</summary>
    public string? Who { get; init; }
    public string? Entity { get; init; }
    public string? Record { get; init; }
    public string? Action { get; init; }
    public string? Field { get; init; }
    public string? Department { get; init; }
    public string? Channel { get; init; }

    /// <summary>A kind of security event, or "all" of them.</summary>
    public string? Security { get; init; }

    public bool Narrowed => this with { Span = Week, Security = null } != new AuditSearch();

    public static AuditSearch Of(IReadOnlyDictionary<string, StringValues> query)
    {
        string? At(string name) => query.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 and <= 200 } text ? text : null;
        return new()
        {
            Span = At("span") is { } span && Spans.Contains(span) ? span : Week, From = At("from"), To = At("to"), Who = At("who"), Entity = At("entity"), Record = At("record"), Action = At("action"),
            Field = At("field"), Department = At("department"), Channel = At("channel"), Security = At("security"),
        };
    }

    /// <summary>For an address: only what differs from the plain page.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Query() => new Dictionary<string, string?>
    {
        ["span"] = Span == Week ? null : Span, ["from"] = From, ["to"] = To, ["who"] = Who, ["entity"] = Entity, ["record"] = Record, ["action"] = Action, ["field"] = Field,
        ["department"] = Department, ["channel"] = Channel, ["security"] = Security,
    }.Where(p => p.Value is not null);

    /// <exception cref="InvalidException">A time, number or kind that is none.</exception>
    public AuditFilter Filter(PlantClock plant, AuditWords words)
    {
        var now = plant.Now;
        var to = To is null ? plant.At(plant.Today.AddDays(1), 0) : Instant(plant, To, "to");
        var from = From is not null ? Instant(plant, From, "from") : plant.At(plant.DateOf(To is null ? now : to).AddDays(-int.Parse(Span, CultureInfo.InvariantCulture)), 0);
        var actions = Security is null ? [] : ComplianceService.ActionsOf(Security == "all" ? null : Enum.TryParse<SecurityKind>(Security, ignoreCase: true, out var kind) ? kind : throw new InvalidException("security", "not_valid", Security));
        return new AuditFilter
        {
            From = from, To = to,
            UserId = Who?.StartsWith("u:", StringComparison.Ordinal) == true ? Number(Who[2..], "who") : null,
            EmployeeId = Who?.StartsWith("e:", StringComparison.Ordinal) == true ? Number(Who[2..], "who") : null,
            Name = Who is { } name && name is not (['u' or 'e', ':', ..]) ? name : null,
            Entity = Entity, EntityId = Record is null ? null : Number(Record, "record"), Actions = Action is null ? actions : [Action], Fields = Field is null ? [] : words.Named(Field),
            DepartmentId = Department is null ? null : Number(Department, "department"),
            Channel = Channel is null ? null : Enum.TryParse<Core.Channel>(Channel, ignoreCase: true, out var channel) ? channel : throw new InvalidException("channel", "not_valid", Channel),
        };
    }

    private static long Number(string text, string field) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new InvalidException(field, "not_valid", text);

    /// <summary>A day (its midnight) or a minute, as the browser's field gives it.</summary>
    private static DateTimeOffset Instant(PlantClock plant, string text, string field) =>
        DateTime.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is > 2000 and < 2200
            ? plant.At(local) : throw new InvalidException(field, "not_valid", text);
}
