using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Pms.Bench.Circuits;

/// <summary>A person with a browser as far as http goes: cookies, the sign-in form with its antiforgery token, and pages with what a circuit begins from.</summary>
internal sealed partial class Visitor(Uri site)
{
    private readonly CookieContainer cookies = new();

    public Uri Site => site;
    public CookieContainer Cookies => cookies;

    public Task SignInWithPinAsync(string number, string pin) =>
        SignInAsync("/login?by=pin", "pin", new Dictionary<string, string> { ["Pin.Number"] = number, ["Pin.Code"] = pin });

    public Task SignInWithPasswordAsync(string name, string password) =>
        SignInAsync("/login", "password", new Dictionary<string, string> { ["Form.UserName"] = name, ["Form.Password"] = password });

    /// <summary>A page as it comes by http: the server's components in it and the state they were prerendered with.</summary>
    public async Task<StartPage> OpenAsync(string path)
    {
        using var http = Http();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        var html = await answer.Content.ReadAsStringAsync();
        var markers = Markers().Matches(html).Select(m => m.Groups[1].Value).ToList();
        if (answer.RequestMessage!.RequestUri!.AbsolutePath == "/login")
            throw new SignedOutException();
        if (!answer.IsSuccessStatusCode || markers.Count == 0)
            throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode} and brought no live page.");
        return new StartPage(answer.RequestMessage.RequestUri, markers, State().Match(html).Groups[1].Value);
    }

    /// <summary>As a browser says it when a tab closes.</summary>
    public async Task SayGoodbyeAsync(string circuit)
    {
        using var http = Http();
        using var form = new MultipartFormDataContent { { new StringContent(circuit), "circuitId" } };
        using var answer = await http.PostAsync(new Uri("_blazor/disconnect", UriKind.Relative), form);
        answer.EnsureSuccessStatusCode();
    }

    private async Task SignInAsync(string path, string form, Dictionary<string, string> fields)
    {
        using var http = Http();
        var page = await http.GetStringAsync(new Uri(path, UriKind.Relative));
        fields["_handler"] = form;
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value);
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        if (!answer.IsSuccessStatusCode || answer.RequestMessage!.RequestUri!.AbsolutePath == "/login")
            throw new InvalidOperationException($"The sign-in at {path} was refused: {(int)answer.StatusCode}.");
    }

    private HttpClient Http() => new(new SocketsHttpHandler { CookieContainer = cookies, SslOptions = { RemoteCertificateValidationCallback = Trust } }) { BaseAddress = site };

    /// <summary>On this machine a site may show a certificate that nobody signed.</summary>
    public bool Trust(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => errors == SslPolicyErrors.None || site.IsLoopback;

    [GeneratedRegex("""<!--Blazor:(\{"type":"server".*?\})-->""")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}

/// <summary>What a circuit begins from.</summary>
internal sealed record StartPage(Uri Address, IReadOnlyList<string> Markers, string State);

/// <summary>The page that was asked for is shown only to somebody who is signed in.</summary>
internal sealed class SignedOutException() : Exception("The sign-in page came instead.");
