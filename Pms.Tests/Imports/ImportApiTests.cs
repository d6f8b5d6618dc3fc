using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Machines;
using Pms.Core.Products;
using Pms.Tests.Support;
using SkiaSharp;

namespace Pms.Tests.Imports;

/// <summary>The same way of a file by the API, and what browsers get of files.</summary>
public sealed class ImportApiTests
{
    [Fact]
    public async Task A_program_uploads_checks_corrects_and_applies_a_file()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        await app.UserAsync("viewer", SeededRole.Viewer);
        await app.Get<DepartmentService>().SaveAsync(TestPms.System, new Department { Code = "CUT", Name = "Cutting" });
        using var http = await app.ApiAsync("nomsa");

        var import = await SendAsync(http, HttpMethod.Post, "imports/machine?name=m.csv", new StringContent("Number;Name;Dept\nM-1;One;CUT\nM-2;Two;Moon\n"), HttpStatusCode.Created);
        var at = $"imports/machine/{import.GetProperty("id").GetInt64()}";
        Assert.Equal("Mapping", import.GetProperty("status").GetString());
        await SendAsync(http, HttpMethod.Post, at + "/check", JsonContent.Create(new { version = import.GetProperty("version").GetInt32() }), HttpStatusCode.OK);
        import = await UntilAsync(http, at, "Ready");
        Assert.Equal((1, 1), (import.GetProperty("rows").GetProperty("New").GetInt32(), import.GetProperty("rows").GetProperty("Wrong").GetInt32()));

        using var errors = await http.GetAsync(new Uri($"/api/v1/{at}/errors?format=csv", UriKind.Relative));
        var csv = await errors.Content.ReadAsStringAsync();
        Assert.Contains("M-2,Two,Moon,3,Department,There is no Moon.", csv, StringComparison.Ordinal);
        Assert.Equal("attachment", errors.Content.Headers.ContentDisposition?.DispositionType);

        var row = await SendAsync(http, HttpMethod.Patch, at + "/rows/3", JsonContent.Create(new { Department = "Cutting" }), HttpStatusCode.OK);
        Assert.Equal("New", row.GetProperty("status").GetString());
        import = await SendAsync(http, HttpMethod.Get, at, null, HttpStatusCode.OK);
        await SendAsync(http, HttpMethod.Post, at + "/apply", JsonContent.Create(new { version = import.GetProperty("version").GetInt32() }), HttpStatusCode.OK);
        await UntilAsync(http, at, "Done");
        Assert.Equal(2, (await app.Get<MachineService>().ListAsync(TestPms.System, new PageRequest())).Total);

        await SendAsync(http, HttpMethod.Post, "imports/machine?name=x.csv", new ByteArrayContent([.. "MZ"u8, 0, 0, 0, 0, 0, 0, 0, 0]), HttpStatusCode.Conflict);
        await SendAsync(http, HttpMethod.Post, "imports/nothing", new StringContent("a;b"), HttpStatusCode.NotFound);
        await SendAsync(http, HttpMethod.Get, at + "/rows?status=odd", null, HttpStatusCode.BadRequest);
        await SendAsync(http, HttpMethod.Get, "imports/product/" + import.GetProperty("id").GetInt64(), null, HttpStatusCode.NotFound);
        using var viewer = await app.ApiAsync("viewer");
        await SendAsync(viewer, HttpMethod.Get, at, null, HttpStatusCode.Forbidden);
        await SendAsync(viewer, HttpMethod.Post, "imports/machine", new StringContent("a;b"), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Pictures_are_shown_papers_are_saved_and_neither_is_guessed_at()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        var product = await app.Get<ProductService>().SaveAsync(TestPms.System, new Product { Code = "T-1", Name = "Towel" });
        using var http = await app.ApiAsync("nomsa");
        using var bitmap = new SKBitmap(40, 30);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 90);
        var picture = await SendAsync(http, HttpMethod.Post, $"files?entity=product&entityId={product.Id}&role=photo&name=p.png", new ByteArrayContent(png.ToArray()), HttpStatusCode.Created);
        var paper = await SendAsync(http, HttpMethod.Post, $"files?entity=product&entityId={product.Id}&name=p.pdf", new ByteArrayContent("%PDF-1.7\n"u8.ToArray()), HttpStatusCode.Created);
        using var shown = await http.GetAsync(new Uri($"/api/v1/files/{picture.GetProperty("id").GetInt64()}", UriKind.Relative));
        Assert.Equal(("image/png", (string?)null, "nosniff"), (shown.Content.Headers.ContentType?.MediaType, shown.Content.Headers.ContentDisposition?.DispositionType, shown.Headers.GetValues("X-Content-Type-Options").Single()));
        using var saved = await http.GetAsync(new Uri($"/api/v1/files/{paper.GetProperty("id").GetInt64()}", UriKind.Relative));
        Assert.Equal(("application/pdf", "attachment"), (saved.Content.Headers.ContentType?.MediaType, saved.Content.Headers.ContentDisposition?.DispositionType));
        using var stranger = app.Client();
        using var refused = await stranger.GetAsync(new Uri($"/files/{picture.GetProperty("id").GetInt64()}.png", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        await SendAsync(http, HttpMethod.Post, $"files?entity=product&entityId={product.Id}", new ByteArrayContent("<svg onload='alert(1)'/>"u8.ToArray()), HttpStatusCode.Conflict);
    }

    private static async Task<JsonElement> UntilAsync(HttpClient http, string path, string status)
    {
        JsonElement import = default;
        await Eventually.PassesAsync(async () =>
        {
            import = await SendAsync(http, HttpMethod.Get, path, null, HttpStatusCode.OK);
            Assert.Equal(status, import.GetProperty("status").GetString());
        });
        return import;
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string path, HttpContent? content, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/v1/" + path, UriKind.Relative)) { Content = content };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
