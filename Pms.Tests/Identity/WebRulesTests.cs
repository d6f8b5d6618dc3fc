using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Pms.Core.Identity;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;
using Pms.Web.Identity;
using Pms.Web.Shared;

namespace Pms.Tests.Identity;

/// <summary>What holds at the door, seen from outside: redirects, cookies, origins, tokens and limits.</summary>
public sealed partial class WebRulesTests
{
    [Theory]
    [InlineData("/account", "/account")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public async Task A_sign_in_leads_to_a_page_of_ours_only_and_changes_the_session(string asked, string led)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var http = app.Client();
        using var first = await LoginAsync(http, "nomsa", asked);
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal(new Uri(app.Address, led), new Uri(app.Address, first.Headers.Location!));
        var cookie = Cookie(first);
        Assert.Matches("httponly", cookie.ToLowerInvariant());
        Assert.Matches("samesite=lax", cookie.ToLowerInvariant());
        Assert.DoesNotContain("nomsa", cookie, StringComparison.OrdinalIgnoreCase);

        // A token put into the browser before (fixation), or kept after, is worth nothing.
        using var again = await LoginAsync(http, "nomsa", "/account?why=1");
        Assert.NotEqual(cookie.Split(';')[0], Cookie(again).Split(';')[0]);
        using var old = app.Client();
        old.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        await Eventually.PassesAsync(async () =>
        {
            using var answer = await old.GetAsync(new Uri("/account", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        });
    }

    [Fact]
    public async Task A_page_without_the_right_answers_403_and_is_written_down()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("viewer", SeededRole.Viewer);
        using var http = app.Client();
        (await LoginAsync(http, "viewer", "/")).Dispose();
        foreach (var path in new[] { "/admin/users", "/admin/roles", "/admin/terminals", "/admin/badges" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("open this page", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(4, await app.Get<Pms.Core.Data.Db>().ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE action = 'access.refused'"));
    }

    [Fact]
    public void Every_page_asks_for_the_right_its_menu_line_names_and_nobody_gets_in_by_an_omission()
    {
        var pages = typeof(Program).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>().Select(r => (Type: t, r.Template))).ToList();
        string[] open = ["/login", "/setup", "/error", "/not-found", "/operator/terminal", "/board/{Token}", "/api/docs"];
        foreach (var (type, template) in pages)
        {
            Assert.NotEmpty(type.GetCustomAttributes<AuthorizeAttribute>());
            Assert.Equal(open.Contains(template), type.IsDefined(typeof(AllowAnonymousAttribute)));
            if (NavItems.All.FirstOrDefault(i => i.Route == template)?.Permission is { } permission)
                Assert.Contains(type.GetCustomAttributes<NeedsAttribute>(), n => n.Permission == permission);
        }
    }

    [Fact]
    public async Task Another_sites_page_can_neither_post_nor_open_a_live_connection()
    {
        await using var app = await WebApp.StartAsync();
        using var http = app.Client();
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1"), (HttpMethod.Post, "/login"), (HttpMethod.Get, "/_blazor") })
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Origin", "https://elsewhere.example");
            using var answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var own = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        own.Headers.Add("Origin", app.Address.GetLeftPart(UriPartial.Authority));
        using var accepted = await http.SendAsync(own);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task The_api_takes_a_bearer_token_and_never_the_cookie()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa", SeededRole.Planner);
        using var page = app.Client();
        (await LoginAsync(page, "nomsa", "/")).Dispose();
        using var byCookie = await page.GetAsync(new Uri("/api/v1/auth/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, byCookie.StatusCode);
        Assert.Equal("application/problem+json", byCookie.Content.Headers.ContentType?.MediaType);

        using var api = await app.ApiAsync("nomsa");
        var me = await api.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/auth/me", UriKind.Relative));
        Assert.Equal("Nomsa Dube", me.GetProperty("name").GetString());
        Assert.True(me.GetProperty("permissions").TryGetProperty(Permissions.OrdersEdit, out _));
        using var out1 = await api.PostAsync(new Uri("/api/v1/auth/logout", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.NoContent, out1.StatusCode);
        using var after = await api.GetAsync(new Uri("/api/v1/auth/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task A_deactivated_users_token_stops_at_once_and_a_reused_refresh_token_ends_the_session()
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("chief");
        var id = await app.UserAsync("nomsa", SeededRole.Planner);
        using var http = app.Client();
        var first = await PostAsync(http, "/api/v1/auth/login", new { userName = "nomsa", password = Visitors.Password });
        var second = await PostAsync(http, "/api/v1/auth/refresh", new { refreshToken = first.Body.GetProperty("refreshToken").GetString() });
        Assert.Equal(HttpStatusCode.OK, second.Status);
        var reused = await PostAsync(http, "/api/v1/auth/refresh", new { refreshToken = first.Body.GetProperty("refreshToken").GetString() });
        Assert.Equal((HttpStatusCode.Unauthorized, "session.ended"), (reused.Status, reused.Body.GetProperty("code").GetString()));
        var stolen = await PostAsync(http, "/api/v1/auth/refresh", new { refreshToken = second.Body.GetProperty("refreshToken").GetString() });
        Assert.Equal(HttpStatusCode.Unauthorized, stolen.Status);

        using var api = await app.ApiAsync("nomsa");
        await app.Get<UserService>().DeactivateAsync(TestPms.System, id);
        using var answer = await api.GetAsync(new Uri("/api/v1/auth/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("""{"userName":"nomsa","password":"wrong one entirely"}""", HttpStatusCode.Unauthorized, "sign_in.wrong")]
    [InlineData("""{"userName":"nobody","password":"wrong one entirely"}""", HttpStatusCode.Unauthorized, "sign_in.wrong")]
    [InlineData("""{"employeeNumber":"E-1"}""", HttpStatusCode.Unauthorized, "sign_in.wrong")]
    [InlineData("""{}""", HttpStatusCode.Unauthorized, "sign_in.wrong")]
    [InlineData("""{"userName":5}""", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("not json", HttpStatusCode.BadRequest, "invalid")]
    public async Task A_bad_sign_in_gets_a_plain_problem(string body, HttpStatusCode status, string code)
    {
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var http = app.Client();
        using var content = new StringContent(body, null, "application/json");
        using var answer = await http.PostAsync(new Uri("/api/v1/auth/login", UriKind.Relative), content);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((status, code), (answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.NotEmpty(problem.GetProperty("requestId").GetString()!);
    }

    [Fact]
    public async Task An_issued_password_gets_a_token_only_with_a_new_one()
    {
        await using var app = await WebApp.StartAsync();
        var issued = await app.Get<UserService>().CreateAsync(TestPms.System, new CreateUser { UserName = "sipho", DisplayName = "Sipho Zulu" });
        using var http = app.Client();
        var without = await PostAsync(http, "/api/v1/auth/login", new { userName = "sipho", password = issued.Password });
        Assert.Equal("password.change_first", without.Body.GetProperty("code").GetString());
        var weak = await PostAsync(http, "/api/v1/auth/login", new { userName = "sipho", password = issued.Password, newPassword = "Password1234" });
        Assert.Equal(HttpStatusCode.BadRequest, weak.Status);
        Assert.True(weak.Body.GetProperty("errors").TryGetProperty("after", out _));
        var good = await PostAsync(http, "/api/v1/auth/login", new { userName = "sipho", password = issued.Password, newPassword = Visitors.Password });
        Assert.Equal(HttpStatusCode.OK, good.Status);
    }

    [Fact]
    public async Task Strangers_are_counted_and_files_are_not()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Security:RateLimitPerMinute"] = "5" });
        using var http = app.Client();
        for (var i = 0; i < 40; i++)
            (await http.GetAsync(new Uri("/favicon.svg", UriKind.Relative))).Dispose();
        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage? last = null;
        for (var i = 0; i < 7; i++)
        {
            last?.Dispose();
            last = await http.GetAsync(new Uri("/api/v1/auth/me", UriKind.Relative));
            statuses.Add(last.StatusCode);
        }
        Assert.Equal(5, statuses.Count(s => s == HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.TooManyRequests, last!.StatusCode);
        Assert.True(last.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        last.Dispose();
        using var file = await http.GetAsync(new Uri("/favicon.svg", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    internal static async Task<HttpResponseMessage> LoginAsync(HttpClient http, string name, string back)
    {
        var path = new Uri("/login?why=x&returnUrl=" + Uri.EscapeDataString(back), UriKind.Relative);
        var page = await http.GetStringAsync(path);
        var token = Token().Matches(page)[0].Groups["token"].Value;
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("_handler", "password"), new("Form.UserName", name), new("Form.Password", Visitors.Password)]);
        return await http.PostAsync(path, form);
    }

    private static string Cookie(HttpResponseMessage answer) => answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("pms-http-session=", StringComparison.Ordinal));

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""")]
    private static partial Regex Token();
}
