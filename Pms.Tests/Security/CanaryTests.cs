using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.ApiKeys;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>Secrets that are known are used in every right and wrong way, and then looked for: in the logs, in the database, in the audit, in every answer but the one that hands them out.</summary>
public sealed class CanaryTests
{
    private const string Password = "canary word of seven looms", Wrong = "canary that is not right", Pin = "739184620517";

    [Fact]
    public async Task No_secret_is_found_where_it_does_not_belong()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Debug" });
        var secrets = new Dictionary<string, string> { ["password"] = Password, ["wrong password"] = Wrong, ["PIN"] = Pin };
        var answers = new List<string>();
        var (chief, nomsa) = (await app.UserAsync("chief"), await app.UserAsync("nomsa"));
        var db = app.Get<Db>();
        var department = await db.InTransactionAsync(tx => tx.InsertAsync("INSERT INTO departments (code, code_key, name, name_key, kind) VALUES ('EMB', 'EMB', 'Embroidery', 'EMBROIDERY', 'Branding')", new { }));
        var employee = await db.InTransactionAsync(tx => tx.InsertAsync(
            "INSERT INTO employees (number, number_key, first_name, last_name, name_key, department_id, kind) VALUES ('E7', 'E7', 'Thabo', 'Mokoena', 'MOKOENA', @department, 'Operator')", new { department }));
        await app.Get<Rights>().LoadAsync();
        await app.Get<EmployeeCredentials>().IssuePinAsync(TestPms.System, employee, Pin);
        secrets["badge"] = await app.Get<EmployeeCredentials>().IssueBadgeAsync(TestPms.System, employee);

        // A password of her own, a second factor, and a key.
        var signIn = app.Get<SignInService>();
        var me = (await signIn.WithPasswordAsync("nomsa", Visitors.Password, new Origin { Ip = "192.0.2.1" })).Session.ToActor(Channel.Page, "192.0.2.1", "test", null);
        await app.Get<UserService>().ChangeOwnPasswordAsync(me, Visitors.Password, Password);
        var secret = (await app.Get<SecondFactorService>().StartAsync(me, Password)).Secret;
        await Assert.ThrowsAsync<InvalidException>(() => app.Get<SecondFactorService>().ConfirmAsync(me, "000000"));
        var codes = await app.Get<SecondFactorService>().ConfirmAsync(me, TimeCodes.At(secret, app.Get<PlantClock>().Now));
        await Assert.ThrowsAsync<InvalidException>(() => app.Get<SecondFactorService>().TurnOffAsync(me, Wrong, codes[9]));
        var (key, token) = await app.Get<ApiKeyService>().CreateAsync(me, new CreateApiKey { Name = "ERP", Permissions = [Permissions.OrdersView], ExpiresOn = app.Get<PlantClock>().Today.AddDays(3) });
        (secrets["TOTP secret"], secrets["API key"], secrets["issued password"]) = (secret, token!, (await app.Get<UserService>().IssuePasswordAsync(TestPms.System, chief)).Password);
        for (var i = 0; i < codes.Count; i++)
            secrets["recovery code " + i] = codes[i];

        // Right, wrong, and in the wrong place, as people do.
        using var http = app.Client();
        await SayAsync("/api/v1/auth/login", new { userName = "nomsa", password = Wrong });
        await SayAsync("/api/v1/auth/login", new { userName = Password, password = "x" });
        await SayAsync("/api/v1/auth/login", new { userName = "nomsa", password = Password });
        await SayAsync("/api/v1/auth/login", new { userName = "nomsa", password = Password, code = codes[8] + "x" });
        await SayAsync("/api/v1/auth/login", new { employeeNumber = "E7", pin = "1" + Pin });
        await SayAsync("/api/v1/auth/login", new { employeeNumber = Pin, pin = "000000" });
        await SayAsync("/api/v1/auth/refresh", new { refreshToken = token });
        await SayAsync("/api/v1/auth/login?password=" + Uri.EscapeDataString(Password) + "&code=" + codes[7], "no json: " + token);
        using (var login = await http.PostAsJsonAsync(Relative("/api/v1/auth/login"), new { userName = "nomsa", password = Password, code = codes[0] }))
        {
            var tokens = await login.Content.ReadFromJsonAsync<JsonElement>();
            secrets["access token"] = tokens.GetProperty("accessToken").GetString()!;
            var halves = tokens.GetProperty("refreshToken").GetString()!.Split('.');
            (secrets["session token"], secrets["refresh token"]) = (halves[0], halves[1]);
        }
        await AskAsync(secrets["access token"], "/api/v1/auth/me");
        await AskAsync(secrets["access token"], $"/api/v1/users/{nomsa}/sessions");
        await AskAsync(secrets["access token"], $"/api/v1/users/{nomsa}/sign-ins");
        await AskAsync(secrets["access token"], $"/api/v1/users/{nomsa}/second-factor");
        await AskAsync(token!, "/api/v1/auth/me");
        await AskAsync(token!, "/api/v1/orders?q=" + token);
        await AskAsync(token + "x", "/api/v1/orders");
        await AskAsync(secrets["access token"], "/api/v1/orders?nothing=" + Uri.EscapeDataString(secret));
        await app.Get<ApiKeyService>().RevokeAsync(me, key.Id);
        await AskAsync(token!, "/api/v1/orders");
        await app.Get<SecondFactorService>().ResetAsync(TestPms.System, nomsa);

        await Eventually.TrueAsync(() => Logs(app).Contains("/api/v1/orders", StringComparison.Ordinal), "the requests' lines");
        var places = new Dictionary<string, string>
        {
            ["the logs"] = Logs(app), ["an answer"] = string.Join('\n', answers),
            ["the database"] = string.Join('\n', Directory.EnumerateFiles(Path.GetDirectoryName(DatabaseFile(app))!, Path.GetFileName(DatabaseFile(app)) + "*").Select(Read)),
        };
        Assert.Contains("signin.failed", places["the database"], StringComparison.Ordinal);
        Assert.Contains("mfa.wrong", places["an answer"], StringComparison.Ordinal);
        var found = from place in places from one in secrets where place.Value.Contains(one.Value, StringComparison.OrdinalIgnoreCase) select $"{one.Key} in {place.Key}: {Around(place.Value, one.Value)}";
        Assert.Empty(found);

        async Task SayAsync(string path, object body)
        {
            using var answer = await http.PostAsJsonAsync(Relative(path), body);
            answers.Add(answer.Headers + await answer.Content.ReadAsStringAsync());
        }

        async Task AskAsync(string bearer, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Relative(path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            using var answer = await http.SendAsync(request);
            answers.Add(answer.Headers + await answer.Content.ReadAsStringAsync());
        }
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static string DatabaseFile(WebApp app) => app.Database.ConnectionString.Split(';').Select(p => p.Split('=', 2)).First(p => p[0].Trim().Equals("Data Source", StringComparison.OrdinalIgnoreCase))[1].Trim();

    private static string Logs(WebApp app) => string.Join('\n', Directory.EnumerateFiles(Path.Combine(app.DataFolder, "logs"), "*", SearchOption.AllDirectories).Select(Read));

    private static string Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static string Around(string text, string what) => text.IndexOf(what, StringComparison.OrdinalIgnoreCase) is var at && text[Math.Max(0, at - 80)..at] is var before ? before.Replace('\n', ' ') + "…" : "";
}
