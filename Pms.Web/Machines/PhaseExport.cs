using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Floor.Phases;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Core.Sheets;
using Pms.Web.Identity;
using Pms.Web.Shared;
using Sheet = Pms.Core.Sheets.Sheet;

namespace Pms.Web.Machines;

/// <summary>A machine's status history as a file: the seven days that its page shows, a line for each stretch.</summary>
public sealed class PhaseExport(PhaseService phases, MachineService machines, SheetExport files, SecurityEvents security, RefusalWords refusals, IStringLocalizer<MachinesTexts> texts, PlantClock plant)
{
    /// <summary>Days in one file, the named one the last.</summary>
    public const int Days = 7;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/machines/{number}/status.{format:regex(^(csv|xlsx)$)}",
        (string number, string format, DateOnly? day, HttpContext http, PhaseExport export) => export.AnswerAsync(number, format, day, http)).RequireAuthorization();

    public static string Href(string number, string format, DateOnly day) => $"/machines/{Uri.EscapeDataString(number)}/status.{format}?day={day:yyyy-MM-dd}";

    private async Task<IResult> AnswerAsync(string number, string format, DateOnly? day, HttpContext http)
    {
        var (actor, ct) = (http.Actor(), http.RequestAborted);
        try
        {
            var machine = await machines.GetAsync(actor, number, ct);
            var last = day is { Year: >= 2000 } named && named <= plant.Today ? named : plant.Today;
            var spans = await phases.DaysAsync(actor, machine.Id, last.AddDays(1 - Days), last, ct);
            var kind = format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx;
            var file = await files.ToFileAsync(new Sheet
            {
                Name = machine.Number,
                Columns = [new(texts["Phase_From"], 20), new(texts["Phase_To"], 20), new(texts["Phase_State"], 16), new(texts["Phase_Minutes"], 12), new(texts["Phase_Why"], 30), new(texts["Phase_Ticket"], 14), new(texts["Phase_Orders"], 24)],
                Rows = spans.Select(s => (object?[])[plant.Local(s.From), s.Ongoing ? null : plant.Local(s.To), texts["Phase_" + s.Phase].Value, Math.Round((decimal)s.Length.TotalMinutes, 1), s.Reason, s.Ticket, string.Join(", ", s.Orders)]).ToAsyncEnumerable(),
            }, kind, ct);
            await security.WriteAsync(actor, "export.list", "list", 0, new Dictionary<string, object?[]> { ["List"] = [null, "machine status"], ["Format"] = [null, format], ["Query"] = [null, $"{machine.Number} {last:yyyy-MM-dd}"] }, ct);
            return Results.Stream(file, SheetExport.ContentType(kind), string.Create(CultureInfo.InvariantCulture, $"{machine.Number}-status-{last:yyyy-MM-dd}.{format}"));
        }
        catch (PmsException refused) when (refused is not UnauthenticatedException)
        {
            if (refused is ForbiddenException forbidden)
                await security.RefusedAsync(actor, forbidden, ct);
            return Results.Text(refusals.Of(refused), "text/plain", statusCode: ApiErrors.StatusOf(refused));
        }
    }
}
