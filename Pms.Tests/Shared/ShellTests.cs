using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pms.Tests.Support;
using Pms.Web.Shared;

namespace Pms.Tests.Shared;

/// <summary>What every answer of the program carries, whatever was asked.</summary>
public sealed partial class ShellTests : IAsyncLifetime
{
    private WebApp _app = default!;
    private HttpClient _http = default!;

    public async Task InitializeAsync()
    {
        _app = await WebApp.StartAsync(change: s => s.AddSingleton<IStartupFilter, Breaks>());
        _http = _app.Client();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/no-such-page")]
    [InlineData("/favicon.svg")]
    [InlineData("/css/tokens.css")]
    [InlineData("/api/no-such-thing")]
    [InlineData("/_framework/blazor.web.js")]
    [InlineData("/_content/MudBlazor/MudBlazor.min.css")]
    [InlineData("/broken")]
    public async Task Every_answer_carries_the_same_strict_headers(string path)
    {
        if (path == "/broken")
        {
            _app.ExpectErrors();
        }

        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal([SecurityHeaders.Csp], answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["same-origin"], answer.Headers.GetValues("Referrer-Policy"));
        Assert.True(answer.Headers.Contains("Permissions-Policy"));
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"), "over plain http it would lock the address out");
        Assert.False(answer.Headers.Contains("Cross-Origin-Opener-Policy"), "over plain http browsers complain about it");
    }

    [Fact]
    public async Task A_page_that_is_not_there_says_so_in_words_and_an_api_only_by_its_status()
    {
        using var page = await _http.GetAsync(new Uri("/no-such-page", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("There is no such page", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var api = await _http.GetAsync(new Uri("/api/no-such-thing", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);
        Assert.DoesNotContain("<html", await api.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_fault_of_ours_shows_a_reference_and_nothing_internal()
    {
        _app.ExpectErrors();
        using var answer = await _http.GetAsync(new Uri("/broken", UriKind.Relative));
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Matches("Reference [0-9a-f]{32}", html);
        Assert.DoesNotContain("secret of the wiring", html, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chosen_theme_is_there_with_the_first_byte()
    {
        var before = await _http.GetStringAsync(new Uri("/not-found", UriKind.Relative));
        Assert.DoesNotContain("data-theme", before, StringComparison.Ordinal);

        using var chosen = await Choose(before, "dark", "/not-found");
        Assert.Equal(HttpStatusCode.Redirect, chosen.StatusCode);
        Assert.Equal("/not-found", chosen.Headers.Location?.OriginalString);
        var after = await _http.GetStringAsync(new Uri("/not-found", UriKind.Relative));
        Assert.Contains("data-theme=\"dark\"", after, StringComparison.Ordinal);

        using var back = await Choose(after, "system", "/");
        Assert.DoesNotContain("data-theme", await _http.GetStringAsync(new Uri("/not-found", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_choice_without_our_own_form_is_refused()
    {
        using var form = new FormUrlEncodedContent([new("theme", "dark"), new("back", "/")]);
        using var answer = await _http.PostAsync(new Uri(ShellEndpoints.ThemePath, UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("This form is too old", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/manager?tab=2", "/manager?tab=2")]
    [InlineData("//elsewhere.example", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    [InlineData("https://elsewhere.example", "/")]
    [InlineData(null, "/")]
    public void Nobody_is_sent_elsewhere(string? asked, string led) => Assert.Equal(led, ShellEndpoints.LocalPath(asked));

    [Fact]
    public async Task A_page_brings_no_script_of_its_own()
    {
        var html = await _http.GetStringAsync(new Uri("/not-found", UriKind.Relative));
        Assert.All(Scripts().Matches(html), s => Assert.Contains(" src=", s.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(" onclick=", html, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> Choose(string page, string theme, string back)
    {
        var token = Token().Match(page).Groups["token"].Value;
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("theme", theme), new("back", back)]);
        return await _http.PostAsync(new Uri(ShellEndpoints.ThemePath, UriKind.Relative), form);
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""")]
    private static partial Regex Token();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Scripts();

    /// <summary>A fault in the middle of the pipeline, as a bug would make one.</summary>
    private sealed class Breaks : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Map("/broken", b => b.Run(_ => throw new InvalidOperationException("secret of the wiring")));
        };
    }
}
