using Microsoft.AspNetCore.Http.HttpResults;
using Pms.Core;
using Pms.Core.Files;
using Pms.Web.Identity;
using Pms.Web.Shared;
using Pms.Web.Shared.Api;

namespace Pms.Web.Files;

/// <summary>Files of records, for browsers under /files and for programs under /api/v1/files: pictures are shown, anything else is handed out to be saved.</summary>
public static class FilesApi
{
    public static void MapFilesApi(this IEndpointRouteBuilder routes)
    {
        const long most = 1025L << 20;   // the most that the settings allow; the service holds to what they say now
        routes.MapGet("/files/{id:long}.{extension}", Task<PhysicalFileHttpResult> (long id, string extension, HttpContext http, FileService files) => SendAsync(http, files, id, thumbnail: false)).AddEndpointFilter(ApiErrors.InWordsAsync).RequireAuthorization().ExcludeFromDescription();
        routes.MapGet("/files/{id:long}/thumbnail", Task<PhysicalFileHttpResult> (long id, HttpContext http, FileService files) => SendAsync(http, files, id, thumbnail: true)).AddEndpointFilter(ApiErrors.InWordsAsync).RequireAuthorization().ExcludeFromDescription();
        var api = routes.MapApi("files");
        api.MapGet("/", async Task<ApiList<StoredFile>> (string entity, long entityId, HttpContext http, FileService files) =>
        {
            var list = await files.ListAsync(http.Actor(), entity, entityId, http.RequestAborted);
            return new ApiList<StoredFile>(list, list.Count, null);
        }).Says("ListFiles", "List the files of a record").Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid").Refuses(StatusCodes.Status404NotFound, "not_found");
        api.MapPost("/", async Task<Created<StoredFile>> (string entity, long entityId, string? role, string? name, HttpContext http, FileService files) =>
        {
            var known = Enum.TryParse<FileRole>(role ?? nameof(FileRole.Document), ignoreCase: true, out var r) && Enum.IsDefined(r) ? r : throw new InvalidException("role", "unknown_value");
            var made = await files.AddAsync(http.Actor(), entity, entityId, known, name ?? "file", http.Request.Body, http.RequestAborted);
            return TypedResults.Created($"/api/v1/files/{made.Id}", made);
        }).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(most), new TakesKey()).Says("AddFile", "Add a file to a record, as the request's body")
            .Refuses(StatusCodes.Status400BadRequest, "bad_request", "invalid").Refuses(StatusCodes.Status404NotFound, "not_found").Refuses(StatusCodes.Status413PayloadTooLarge, "too_big")
            .Refuses("file.broken_picture", "file.empty", "file.not_allowed", "file.too_large", "file.too_many", "file.too_many_pixels");
        api.MapGet("/{id:long}", Task<PhysicalFileHttpResult> (long id, bool? thumbnail, HttpContext http, FileService files) => SendAsync(http, files, id, thumbnail == true)).Says("GetFile", "Get a file, or its thumbnail").Refuses(StatusCodes.Status400BadRequest, "bad_request");
        api.MapDelete("/{id:long}", async Task<NoContent> (long id, HttpContext http, FileService files) =>
        {
            await files.RemoveAsync(http.Actor(), id, http.RequestAborted);
            return TypedResults.NoContent();
        }).Says("RemoveFile", "Remove a file");
    }

    /// <summary>Only what was drawn anew here is shown in the browser; its kind is never guessed, because every answer carries nosniff.</summary>
    private static async Task<PhysicalFileHttpResult> SendAsync(HttpContext http, FileService files, long id, bool thumbnail)
    {
        var (file, path) = await files.OpenAsync(http.Actor(), id, thumbnail, http.RequestAborted);
        // What lies behind an id never changes, so a browser needn't ask again; only for its person, because another may not see it.
        http.Response.Headers.CacheControl = thumbnail ? "private, max-age=2592000, immutable" : "private, max-age=86400";
        return TypedResults.PhysicalFile(path, file.Kind, file.IsPicture ? null : file.Name, enableRangeProcessing: true);
    }
}
