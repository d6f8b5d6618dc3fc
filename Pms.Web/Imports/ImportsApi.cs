using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Pms.Core;
using Pms.Core.Imports;
using Pms.Core.Sheets;
using Pms.Web.Identity;
using Pms.Web.Shared;
using Pms.Web.Shared.Api;

namespace Pms.Web.Imports;

/// <summary>/api/v1/imports: upload a file as the request's body, settle its columns, look at the rows, correct, apply, watch. And the file of wrong rows.</summary>
public static class ImportsApi
{
    /// <summary>Which version is meant; 409 when it changed meanwhile.</summary>
    public sealed record VersionOf(int Version);

    /// <summary>The columns and habits of the file, with the version that was read.</summary>
    public sealed record CheckImport(int Version, ImportSetup? Setup);

    /// <summary>What rows name and shall be made, with what is asked besides.</summary>
    public sealed record MakeMissing(string? Field, IReadOnlyList<string>? Texts, IReadOnlyDictionary<string, string>? Answers);

    /// <summary>A field that a file may fill.</summary>
    public sealed record FieldAnswer(string Name, ImportKind Kind, bool Needed, IReadOnlyList<string> Headings);

    public static void MapImportsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("imports");
        api.MapWhole<FieldAnswer>("/{entity}/fields", http => Task.FromResult<IReadOnlyList<FieldAnswer>>(
            [.. Service(http).Definition(Entity(http)).Fields.Select(f => new FieldAnswer(f.Name, f.Kind, f.Needed, f.Synonyms))])).Says("ListImportFields", "List the fields that a file of this kind may fill");
        api.MapWhole("/{entity}", http => Service(http).ListAsync(http.Actor(), Entity(http), http.RequestAborted)).Says("ListImports", "List the last imports of this kind");
        api.MapPost("/{entity}", async Task<Created<Import>> (string entity, string? name, HttpContext http) =>
        {
            var made = await Service(http).UploadAsync(http.Actor(), entity, name ?? "file", http.Request.Body, http.RequestAborted);
            return TypedResults.Created($"/api/v1/imports/{entity}/{made.Id}", http.Tagged(made, null));
        }).WithMetadata(new RequestSizeLimitAttribute(ImportService.MostBytes + 1_000_000), new TakesKey()).Says("UploadImport", "Upload a file as the request's body", "CSV or .xlsx up to 50 MB; nothing is applied by it.")
            .Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid").Refuses(StatusCodes.Status413PayloadTooLarge, "too_big").Refuses("file.too_large", "import.no_rows", "import.too_many_rows", "sheet.bomb", "sheet.broken", "sheet.cell_too_long", "sheet.empty", "sheet.not_a_sheet", "sheet.old_excel", "sheet.too_wide");
        api.MapOne("/{entity}/{id:long}", OfAsync).Says("GetImport", "Read an import and how far it is");
        api.MapCommand<CheckImport, Import>("/{entity}/{id:long}/check", async (http, body) =>
        {
            await OfAsync(http);
            return await Service(http).CheckAsync(http.Actor(), http.Id(), body!.Version, body.Setup ?? new ImportSetup(), http.RequestAborted);
        }).Says("CheckImport", "Settle the columns and check every row").Refuses("changed_by_other", "import.not_now", "import.file_gone");
        api.MapGet("/{entity}/{id:long}/rows", async Task<ApiList<ImportRow>> (string? status, int? after, int? limit, HttpContext http) =>
        {
            await OfAsync(http);
            var wanted = string.IsNullOrEmpty(status) ? (ImportRowStatus?)null : Enum.TryParse<ImportRowStatus>(status, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : throw new InvalidException("status", "unknown_value");
            var rows = await Service(http).RowsAsync(http.Actor(), http.Id(), wanted, after ?? 0, limit ?? ApiLists.FirstLimit, http.RequestAborted);
            return new ApiList<ImportRow>(rows, rows.Count, null);
        }).Says("ListImportRows", "List the rows behind a row number").Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid");
        api.MapPatch("/{entity}/{id:long}/rows/{row:int}", async Task<Ok<ImportRow>> (HttpContext http) =>
        {
            var body = await http.BodyAsync<Dictionary<string, string>>();
            await OfAsync(http);
            return TypedResults.Ok(await Service(http).CorrectAsync(http.Actor(), http.Id(), (int)http.Id("row"), body!, null, http.RequestAborted));
        }).Accepts<Dictionary<string, string>>(ApiBodies.Json).Says("CorrectImportRow", "Correct fields of one row").Refuses("import.not_now", "import.row_done").Example(new { number = "M-14" });
        api.MapWhole("/{entity}/{id:long}/missing", async http =>
        {
            await OfAsync(http);
            return await Service(http).MissingAsync(http.Actor(), http.Id(), http.RequestAborted);
        }).Says("ListImportMissing", "List what wrong rows name that isn't there and may be made");
        api.MapCommand<MakeMissing, Import>("/{entity}/{id:long}/missing", async (http, body) =>
        {
            await OfAsync(http);
            await Service(http).MakeAsync(http.Actor(), http.Id(), body!.Field ?? throw new InvalidException(nameof(MakeMissing.Field), "required"), body.Texts ?? throw new InvalidException(nameof(MakeMissing.Texts), "required"),
                body.Answers ?? new Dictionary<string, string>(), http.RequestAborted);
            return await OfAsync(http);
        }).Says("MakeImportMissing", "Make some of it and check the rows that waited again").Refuses("import.not_now").Example(new { field = "Customer", texts = new[] { "Karoo Outfitters" } });
        api.MapCommand<VersionOf, Import>("/{entity}/{id:long}/apply", async (http, body) =>
        {
            await OfAsync(http);
            return await Service(http).ApplyAsync(http.Actor(), http.Id(), body!.Version, http.RequestAborted);
        }).Says("ApplyImport", "Apply what is right").Refuses("changed_by_other", "import.not_now", "import.nothing_to_apply").Example(new { version = 2 });
        api.MapCommand<object, Import>("/{entity}/{id:long}/cancel", async (http, _) =>
        {
            await OfAsync(http);
            return await Service(http).CancelAsync(http.Actor(), http.Id(), http.RequestAborted);
        }, optionalBody: true).Says("CancelImport", "Stop an import; what is applied stays").Refuses("import.not_now");
        api.MapGet("/{entity}/{id:long}/errors", async Task<FileStreamHttpResult> (string? format, HttpContext http, ImportErrors errors) =>
            await errors.FileAsync(http.Actor(), await OfAsync(http), format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx, http.RequestAborted)).Says("GetImportErrors", "The wrong rows as a file, .xlsx or format=csv");
        routes.MapGet("/admin/import-errors/{id:long}.{format}", async Task<FileStreamHttpResult> (long id, string format, HttpContext http, ImportService service, ImportErrors errors) =>
            await errors.FileAsync(http.Actor(), await service.GetAsync(http.Actor(), id, http.RequestAborted), format == "csv" ? SheetFormat.Csv : SheetFormat.Xlsx, http.RequestAborted)).AddEndpointFilter(ApiErrors.InWordsAsync).RequireAuthorization().ExcludeFromDescription();
    }

    private static ImportService Service(HttpContext http) => http.Service<ImportService>();

    private static string Entity(HttpContext http) => (string)http.Request.RouteValues["entity"]!;

    private static async Task<Import> OfAsync(HttpContext http) =>
        await Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted) is { } import && import.Entity == Entity(http) ? import : throw new NotFoundException("import", http.Id());
}
