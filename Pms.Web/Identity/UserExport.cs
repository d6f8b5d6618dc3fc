using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Users;
using Pms.Core.Sheets;
using Pms.Web.Shared;
using Sheet = Pms.Core.Sheets.Sheet;

namespace Pms.Web.Identity;

/// <summary>Users and roles as files, under the rights of who asks; each export is a security event, and no secret is in it.</summary>
public sealed class UserExport(UserService users, RoleService roles, SheetExport files, FieldRules fields, SecurityEvents security, IStringLocalizer<IdentityTexts> texts, PlantClock plant)
{
    /// <summary>Followed by .csv or .xlsx.</summary>
    public const string Path = "/admin/users/export", RolesPath = "/admin/roles/export";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path + ".{format:regex(^(csv|xlsx)$)}", (string format, string? q, string? sort, bool? all, SecondFactorFilter? factor, HttpContext http, UserExport export, RefusalWords words) =>
            export.AnswerAsync(http, format, words, actor => export.UsersAsync(actor, q, sort, all == true, factor, http.RequestAborted))).RequireAuthorization();
        routes.MapGet(RolesPath + ".{format:regex(^(csv|xlsx)$)}", (string format, HttpContext http, UserExport export, RefusalWords words) =>
            export.AnswerAsync(http, format, words, actor => export.RolesAsync(actor, http.RequestAborted))).RequireAuthorization();
    }

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

    private async Task<Sheet> UsersAsync(Actor actor, string? search, string? sort, bool all, SecondFactorFilter? factor, CancellationToken ct)
    {
        var first = await users.ListAsync(actor, search, !all, 0, PageRequest.MaxSize, sort, factor, ct);
        return new Sheet
        {
            Name = texts["Users"], Rows = RowsAsync(actor, first, search, sort, all, factor, Shown(actor), ct), Columns = [.. Shown(actor).Select(c => new SheetColumn(texts[c.Title], c.Width))],
        };
    }

    private sealed record UserColumn(string Title, double Width, string? Property, Func<UserRow, object?> Value);

    /// <summary>The columns that the asker may see.</summary>
    private IReadOnlyList<UserColumn> Shown(Actor actor)
    {
        var view = fields.Of(actor, typeof(UserRow));
        return
        [
            .. new UserColumn[]
            {
                new("UserName", 20, nameof(UserRow.UserName), u => u.UserName), new("Name", 28, nameof(UserRow.DisplayName), u => u.DisplayName), new("Email", 28, nameof(UserRow.Email), u => u.Email),
                new("Roles", 36, nameof(UserRow.Roles), u => string.Join(", ", u.Roles)), new("EmployeeNumber", 14, nameof(UserRow.EmployeeNumber), u => u.EmployeeNumber),
                new("User_LastSignIn", 20, null, u => u.LastSignInAt is { } at ? plant.Local(at) : null), new("Mfa", 16, null, u => texts[u.HasSecondFactor ? "Mfa_On" : u.NeedsSecondFactor ? "Mfa_Missing" : "Mfa_Off"].Value), new("State", 14, nameof(UserRow.Active), u => texts[u.Active ? "User_On" : "User_Off"].Value),
            }.Where(c => c.Property is null || view?.Entity.FieldOf(c.Property) is not { } field || !view.Hides(field)),
        ];
    }

    private async IAsyncEnumerable<object?[]> RowsAsync(Actor actor, Page<UserRow> page, string? search, string? sort, bool all, SecondFactorFilter? factor, IReadOnlyList<UserColumn> columns, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var index = 1; page.Items.Count > 0; index++)
        {
            foreach (var u in page.Items)
                yield return [.. columns.Select(c => c.Property is { } p && fields.Blanked(u, p) ? null : c.Value(u))];
            page = await users.ListAsync(actor, search, !all, index, PageRequest.MaxSize, sort, factor, ct);
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
