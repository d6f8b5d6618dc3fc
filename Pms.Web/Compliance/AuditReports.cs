using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Compliance;
using Pms.Core.Identity;
using Pms.Core.Sheets;
using Pms.Web.Identity;

namespace Pms.Web.Compliance;

/// <summary>The compliance report: the entries of a filter as Excel, CSV or PDF, with the filter, who made it when, and what the chain's last verification found.</summary>
public sealed class AuditReports(ComplianceService audit, AuditWords words, SheetExport files, SecurityEvents security, IStringLocalizer<AuditTexts> texts, PlantClock plant)
{
    public const string Path = "/admin/audit/report";

    /// <summary>More is no report for people any more.</summary>
    public const int MostInPdf = 5_000;

    private const int NamedAtOnce = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path + ".{format:regex(^(csv|xlsx|pdf)$)}", async (string format, HttpContext http, AuditReports reports, Shared.RefusalWords refusals) =>
    {
        try
        {
            var (file, type, name) = await reports.MakeAsync(http.Actor(), AuditSearch.Of(http.Request.Query.ToDictionary(q => q.Key, q => q.Value)), format, http.RequestAborted);
            return Results.Stream(file, type, name);
        }
        catch (PmsException refused) when (refused is not UnauthenticatedException)
        {
            if (refused is ForbiddenException forbidden)
                await reports.RefusedAsync(http.Actor(), forbidden);
            return Results.Text(refusals.Of(refused), "text/plain", statusCode: Shared.ApiErrors.StatusOf(refused));
        }
    }).RequireAuthorization();

    private Task RefusedAsync(Actor actor, ForbiddenException refusal) => security.RefusedAsync(actor, refusal);

    private async Task<(Stream File, string Type, string Name)> MakeAsync(Actor actor, AuditSearch search, string format, CancellationToken ct)
    {
        var filter = search.Filter(plant, words);
        if (format == "pdf" && await audit.CountAsync(actor, filter, MostInPdf, ct) > MostInPdf)
            throw new RuleException("export.pdf_too_long", MostInPdf);
        var about = await AboutAsync(actor, search, filter, ct);
        var entries = await audit.ExportAsync(actor, filter, format, ct);
        var name = string.Create(CultureInfo.InvariantCulture, $"audit-{plant.Local(plant.Now):yyyy-MM-dd-HHmm}.{format}");
        if (format != "pdf")
        {
            var kind = format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx;
            var sheet = new Sheet { Name = texts["Report"], Columns = [.. Columns.Select(c => new SheetColumn(texts[c.Title], c.Width))], Rows = RowsAsync(actor, entries, Row, ct), About = about };
            return (await files.ToFileAsync(sheet, kind, ct), SheetExport.ContentType(kind), name);
        }
        var file = files.NewFile();
        try
        {
            await PdfReport.WriteAsync(new Sheet
            {
                Name = texts["Report"], Columns = [.. PdfColumns.Select(c => new SheetColumn(texts[c.Title], c.Width))], Rows = RowsAsync(actor, entries, PdfRow, ct), About = about,
            }, texts["Page"].Value, file, ct);
            file.Position = 0;
            return (file, PdfReport.ContentType, name);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static readonly (string Title, double Width)[] Columns =
    [
        ("Number", 10), ("When", 20), ("Who", 24), ("What", 28), ("Record", 30), ("Department", 16), ("Changes", 70), ("Reason", 30), ("By", 12), ("Address", 16), ("Device", 30), ("Request", 26), ("Seal", 10),
    ];

    private static readonly (string Title, double Width)[] PdfColumns = [("When", 18), ("Who", 15), ("What", 17), ("Record", 19), ("Changes", 43), ("Reason", 16), ("Address", 12), ("Seal", 7)];

    private object?[] Row(AuditEntry e, AuditWords.Names names) =>
    [
        e.Id, plant.Local(e.At), words.Who(e, names), words.Action(e.Action), words.Record(e, names), e.DepartmentId is { } d ? names.Of("department", d) ?? $"#{d}" : null, words.Told(e, names), e.Reason,
        texts["Channel_" + e.Channel].Value, e.Ip, e.Agent, e.RequestId, e.Seal,
    ];

    private object?[] PdfRow(AuditEntry e, AuditWords.Names names) =>
        [plant.Local(e.At).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), words.Who(e, names), words.Action(e.Action), words.Record(e, names), words.Told(e, names), e.Reason, e.Ip, e.Seal];

    private async IAsyncEnumerable<object?[]> RowsAsync(Actor actor, IAsyncEnumerable<AuditEntry> entries, Func<AuditEntry, AuditWords.Names, object?[]> row, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var some in entries.Chunk(NamedAtOnce).WithCancellation(ct))
        {
            var names = await words.NamesAsync(actor, some, ct);
            foreach (var entry in some)
                yield return row(entry, names);
        }
    }

    private async Task<IReadOnlyList<(string, string)>> AboutAsync(Actor actor, AuditSearch search, AuditFilter filter, CancellationToken ct)
    {
        string At(DateTimeOffset at) => plant.Local(at).ToString("ddd d MMM yyyy HH:mm", CultureInfo.CurrentCulture);
        var names = await words.NamesAsync(actor, [new AuditEntry { Entity = filter.Entity ?? "", EntityId = filter.EntityId ?? 0, DepartmentId = filter.DepartmentId },
            new AuditEntry { Entity = filter.UserId is null ? "employee" : "user", EntityId = filter.UserId ?? filter.EmployeeId ?? 0 }], ct);
        var about = new List<(string, string)>
        {
            (texts["About_Made"], texts["About_MadeBy", actor.Name, At(plant.Now), plant.Zone.Id]),
            (texts["About_Span"], texts["About_SpanText", At(filter.From), At(filter.To)]),
        };
        void Add(string key, string? value)
        {
            if (value is not null)
                about.Add((texts[key], value));
        }
        Add("Who", filter.UserId is { } u ? names.Of("user", u) ?? $"u:{u}" : filter.EmployeeId is { } e ? names.Of("employee", e) ?? $"e:{e}" : filter.Name);
        Add("Record", filter.Entity is null ? null : filter.EntityId is { } id ? $"{words.Entity(filter.Entity)} {names.Of(filter.Entity, id) ?? "#" + id}" : words.Entity(filter.Entity));
        Add("What", search.Action is not null ? words.Action(search.Action) : search.Security is null ? null : texts["Security_" + search.Security.ToLowerInvariant()].Value);
        Add("Field", search.Field);
        Add("Department", filter.DepartmentId is { } d ? names.Of("department", d) ?? $"#{d}" : audit.SeesAll(actor) ? null : texts["About_OwnOnly"].Value);
        Add("By", filter.Channel is { } c ? texts["Channel_" + c].Value : null);
        about.Add((texts["About_Chain"], Chain(await audit.LastCheckAsync(actor, ct), At)));
        return about;
    }

    private string Chain(AuditCheck? check, Func<DateTimeOffset, string> at) => check is null ? texts["About_NeverChecked"]
        : check.Problem is { } problem ? texts["About_Broken", at(check.EndedAt!.Value), problem]
        : texts["About_Whole", at(check.EndedAt!.Value), check.StartedBy, check.Entries, check.Seals, check.RootDay ?? "–", check.LastHash ?? "–"];
}
