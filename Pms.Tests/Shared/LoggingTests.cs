using System.Text.Json;
using Pms.Tests.Support;
using Pms.Web.Configuration;

namespace Pms.Tests.Shared;

/// <summary>Log lines go where their readers look, name who and which request, and never a secret.</summary>
public sealed class LoggingTests
{
    [Fact]
    public async Task Lines_land_in_their_files_with_who_and_which_request_and_without_secrets()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Information" });
        var id = await app.UserAsync("nomsa");
        using (var http = app.Client())
        using (await http.PostAsync(new Uri("/api/v1/auth/login", UriKind.Relative), new StringContent("""{"userName":"nomsa","password":"canary-wrong-word"}""", System.Text.Encoding.UTF8, "application/json")))
        {
        }
        using var api = await app.ApiAsync("nomsa");
        using (await api.GetAsync(new Uri("/api/v1/auth/me?x=a%0Aforged", UriKind.Relative)))
        {
        }

        await Eventually.TrueAsync(() => Read(app, "api").Contains("/api/v1/auth/me", StringComparison.Ordinal), "the request's line");
        var line = Read(app, "api").Split('\n').Last(l => l.Contains("/api/v1/auth/me", StringComparison.Ordinal));
        Assert.Contains($"user u:{id} ip 127.0.0.1 request ", line, StringComparison.Ordinal);
        Assert.Matches("request [0-9a-f]{32}]", line);
        Assert.NotEmpty(Read(app, "security"));
        Assert.Contains("/api/v1/auth/me", Read(app, "app"), StringComparison.Ordinal);

        var json = Read(app, Path.Combine("json", "app")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Contains(json, e => e.TryGetProperty("RequestPath", out var path) && path.GetString() == "/api/v1/auth/me" && e.GetProperty("UserId").GetString() == $"u:{id}");

        var all = string.Join('\n', Directory.EnumerateFiles(Path.Combine(app.DataFolder, "logs"), "*", SearchOption.AllDirectories).Select(ReadOpen));
        foreach (var secret in new[] { Visitors.Password, "canary-wrong-word", api.DefaultRequestHeaders.Authorization!.Parameter!, app.Get<PmsConfiguration>().JwtSecret.Value, Convert.ToBase64String(app.Get<PmsConfiguration>().MasterKey!) })
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain("\nforged", all, StringComparison.Ordinal);
    }

    private static string Read(WebApp app, string name) => string.Concat(
        Directory.EnumerateFiles(Path.Combine(app.DataFolder, "logs"), name + "-*", SearchOption.TopDirectoryOnly).Select(ReadOpen));

    private static string ReadOpen(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
