using System.Globalization;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Roles;
using Pms.Core.Sheets;
using Pms.Web.Shared;
using Sheet = Pms.Core.Sheets.Sheet;

namespace Pms.Web.Identity;

/// <summary>The matrix of roles as a file, under the rights of who asks; each export is a security event.</summary>
public sealed class RoleExport(RoleService roles, SheetExport files, SecurityEvents security, IStringLocalizer<IdentityTexts> texts, PlantClock plant)
{
    /// <summary>Followed by .csv or .xlsx.</summary>
    public const string Path = "/admin/roles/export";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path + ".{format:regex(^(csv|xlsx)$)}", (string format, HttpContext http, RoleExport export, RefusalWords words) =>
            export.AnswerAsync(http, format, words, actor => export.RolesAsync(actor, http.RequestAborted))).RequireAuthorization();

    private async Task<IResult> AnswerAsync(HttpContext http, string format, RefusalWords words, Func<Actor, Task<Sheet>> make)
    {
        var actor = http.Actor();
        try
        {
            var sheet = await make(actor);
            var kind = format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx;
            var file = await files.ToFileAsync(sheet, kind, http.RequestAborted);
            await security.WriteAsync(actor, "export.made", "export", 0, new Dictionary<string, object?[]> { ["List"] = [null, sheet.Name], ["Format"] = [null, format] }, http.RequestAborted);
            return Results.Stream(file, SheetExport.ContentType(kind), string.Create(CultureInfo.InvariantCulture, $"{sheet.Name}-{plant.Local(plant.Now):yyyy-MM-dd-HHmm}.{format}"));
        }
        catch (PmsException refused) when (refused is not UnauthenticatedException)
        {
            if (refused is ForbiddenException forbidden)
                await security.RefusedAsync(actor, forbidden);
            return Results.Text(words.Of(refused), "text/plain", statusCode: ApiErrors.StatusOf(refused));
        }
    }

    private async Task<Sheet> RolesAsync(Actor actor, CancellationToken ct)
    {
        var all = (await roles.ListAsync(actor, ct)).Where(r => r.Active).ToList();
        return new Sheet
        {
            Name = texts["RolesTitle"], Columns = [new(texts["Permission"], 30), .. all.Select(r => new SheetColumn(r.Name, 16))],
            Rows = Permissions.All.Select(p => (object?[])[p, .. all.Select(r => texts["Scope_" + (r.Permissions.TryGetValue(p, out var scope) ? scope.ToString() : "None")].Value)]).ToAsyncEnumerable(),
        };
    }
}
