using System.Net;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>A production start as people do it: nothing over plain http, and only a named proxy is believed.</summary>
public sealed class ProductionStartTests
{
    [Fact]
    public async Task Nothing_but_health_and_files_is_shown_over_plain_http()
    {
        using var pms = await StartAsync("Production");
        using var http = new HttpClient { BaseAddress = pms.Address };

        using var page = await http.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        var text = await page.Content.ReadAsStringAsync();
        Assert.Contains("https", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.False(page.Headers.Contains("Server"));

        foreach (var path in new[] { "/login", "/api/v1/auth/login" })
        {
            using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            using var posted = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            Assert.Equal(HttpStatusCode.Forbidden, posted.StatusCode);
        }
        using var ready = await http.GetAsync(new Uri("/api/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var icon = await http.GetAsync(new Uri("/favicon.svg", UriKind.Relative));
        Assert.True(icon.IsSuccessStatusCode);

        // Nobody but a named proxy is believed.
        Assert.Equal(HttpStatusCode.Forbidden, await AsProxyAsync(http));
    }

    [Fact]
    public async Task A_named_proxy_is_believed_and_gets_the_headers_of_https()
    {
        using var pms = await StartAsync("Production", "--Web:TrustedProxies=127.0.0.1");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = pms.Address };
        Assert.NotEqual(HttpStatusCode.Forbidden, await AsProxyAsync(http));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/favicon.svg");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var answer = await http.SendAsync(request);
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
        using var form = new HttpRequestMessage(HttpMethod.Get, "/setup");
        form.Headers.Add("X-Forwarded-Proto", "https");
        using var page = await http.SendAsync(form);
        var cookies = page.Headers.GetValues("Set-Cookie").ToList();
        Assert.Contains(cookies, c => c.StartsWith("__Host-pms-xsrf=", StringComparison.Ordinal));
        Assert.All(cookies, c => Assert.True(c.StartsWith("__Host-", StringComparison.Ordinal) && c.Contains("; secure", StringComparison.OrdinalIgnoreCase) && c.Contains("; httponly", StringComparison.OrdinalIgnoreCase)
            && c.Contains("path=/", StringComparison.OrdinalIgnoreCase) && c.Contains("samesite=", StringComparison.OrdinalIgnoreCase), c));
        using var direct = await http.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, direct.StatusCode);
    }

    [Fact]
    public async Task With_lan_the_address_and_its_code_are_printed()
    {
        using var pms = await StartAsync("Development", "--lan");
        Assert.Contains("0.0.0.0", pms.Said, StringComparison.Ordinal);
        if (Pms.Web.Configuration.StartReport.LanAddress() is { } lan)
        {
            await Eventually.TrueAsync(() => pms.Said.Contains('█'), "the code on the console");   // drawn after the address
            Assert.Contains($"http://{lan}:", pms.Said, StringComparison.Ordinal);
        }
    }

    private static async Task<HttpStatusCode> AsProxyAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static Task<PmsProcess> StartAsync(string environment, params string[] args) => PmsProcess.StartAsync(environment, [$"--Data:Folder={TestRun.NewPath("production")}", .. args]);
}
