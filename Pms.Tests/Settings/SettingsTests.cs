using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pms.Core;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.SignIns;
using Pms.Core.Identity.Users;
using Pms.Core.Settings;
using Pms.Tests.Identity;
using Pms.Tests.Support;

namespace Pms.Tests.Settings;

/// <summary>The plant's settings: bounded, audited, in force at once on every node, secrets sealed, and the deployment's word above all.</summary>
public sealed class SettingsTests
{
    private static Task<SettingsPicture> SetAsync(TestPms pms, string key, string? value, int version = 1) =>
        pms.Get<SettingsService>().ChangeAsync(TestPms.System, new ChangeSettings(version, new Dictionary<string, string?> { [key] = value }));

    [Theory, InlineData(Engine.Sqlite), InlineData(Engine.MySql)]
    public async Task A_change_bites_at_once_here_and_on_the_other_node_and_goes_back_to_its_default(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        await using var other = await pms.AnotherNodeAsync();
        var changed = await SetAsync(pms, "sessionIdleMinutes", "30");
        Assert.Equal((2, "30", false, "240"), (changed.Version, changed["sessionIdleMinutes"].Value, changed["sessionIdleMinutes"].IsDefault, changed["sessionIdleMinutes"].Default));
        Assert.Equal(TimeSpan.FromMinutes(30), pms.Get<IdentitySettings>().SessionIdle);
        _ = other.Get<SettingsStore>();   // as every start does
        await other.Get<SettingsStore>().LoadAsync();
        Assert.Equal(TimeSpan.FromMinutes(30), other.Get<IdentitySettings>().SessionIdle);

        var back = await SetAsync(pms, "sessionIdleMinutes", null, changed.Version);
        Assert.True(back["sessionIdleMinutes"].IsDefault);
        Assert.Equal(TimeSpan.FromHours(4), pms.Get<IdentitySettings>().SessionIdle);
        pms.Clock.Advance(SettingsStore.Every);   // no event between these two: the timer tells
        await Eventually.TrueAsync(() => other.Get<IdentitySettings>().SessionIdle == TimeSpan.FromHours(4));
        Assert.Equal(["""{"sessionIdleMinutes":["240","30"]}""", """{"sessionIdleMinutes":["30","240"]}"""], await pms.Db.ListAsync<string>("SELECT changes FROM audit WHERE action = 'settings.update' ORDER BY id"));
    }

    [Theory]
    [InlineData("undoMinutes", "0", "between")]
    [InlineData("undoMinutes", "61", "between")]
    [InlineData("undoMinutes", "5.5", "not_whole")]
    [InlineData("undoMinutes", "five", "not_a_number")]
    [InlineData("undoMinutes", "1e1", "not_a_number")]
    [InlineData("undoMinutes", "", "not_a_number")]
    [InlineData("overTolerancePercent", "2.125", "too_many_decimals")]
    [InlineData("passwordLength", "11", "between")]
    [InlineData("smtpSecurity", "weak", "unknown_value")]
    [InlineData("zone", "Mars/Olympus", "unknown_value")]
    [InlineData("mailFrom", "a@b.example\nBcc: c@d.example", "not_an_email")]
    [InlineData("mailFrom", "Naledi <naledi@plant.example>", "not_an_email")]
    [InlineData("plantName", "1234567890123456789012345678901234567890123456789012345678901", "too_long")]
    [InlineData("colour", "red", "unknown_field")]
    public async Task A_value_out_of_bounds_is_refused_by_its_name_and_nothing_is_stored(string key, string value, string code)
    {
        await using var pms = await TestPms.StartAsync(Engine.Sqlite);
        var refused = await Assert.ThrowsAsync<InvalidException>(() => pms.Get<SettingsService>().ChangeAsync(TestPms.System,
            new ChangeSettings(1, new Dictionary<string, string?> { ["earlierMinutes"] = "20", [key] = value })));
        Assert.Equal((key, code), (refused.Faults.Single().Field, refused.Faults.Single().Why.Code));
        Assert.Equal((1, "15"), ((await pms.Get<SettingsService>().GetAsync(TestPms.System)) is var now ? (now.Version, now["earlierMinutes"].Value) : default));
    }

    [Theory, InlineData(Engine.Sqlite), InlineData(Engine.MySql)]
    public async Task Two_administrators_at_once_are_one_change_and_one_refusal(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var outcomes = await Task.WhenAll(Enumerable.Range(10, 6).Select(async minutes =>
        {
            try
            {
                await SetAsync(pms, "undoMinutes", $"{minutes}");
                return true;
            }
            catch (ConflictException)
            {
                return false;
            }
        }));
        Assert.Single(outcomes, won => won);
        Assert.Equal(2, (await pms.Get<SettingsService>().GetAsync(TestPms.System)).Version);
    }

    [Theory, InlineData(Engine.Sqlite), InlineData(Engine.MySql)]
    public async Task Wrong_tries_wait_as_the_settings_say(Engine engine)
    {
        await using var pms = await People.PlantAsync(engine);
        await pms.UserAsync("nomsa");
        await pms.Get<SettingsService>().ChangeAsync(TestPms.System, new ChangeSettings(1, new Dictionary<string, string?> { ["failuresBeforeWait"] = "3", ["firstWaitSeconds"] = "40", ["longestWaitMinutes"] = "1" }));
        var at = People.At(device: "tablet");
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", "wrong", at));
        Assert.Equal(TimeSpan.FromSeconds(40), (await Assert.ThrowsAsync<TooManyException>(() => pms.SignInAsync("nomsa", origin: at))).RetryAfter);
        pms.Clock.Advance(TimeSpan.FromSeconds(41));
        await Assert.ThrowsAsync<UnauthenticatedException>(() => pms.SignInAsync("nomsa", "wrong", at));
        Assert.Equal(TimeSpan.FromMinutes(1), (await Assert.ThrowsAsync<TooManyException>(() => pms.SignInAsync("nomsa", origin: at))).RetryAfter);   // 80 s, cut to the longest
    }

    [Fact]
    public async Task A_longer_password_is_asked_for_from_then_on()
    {
        await using var pms = await People.PlantAsync(Engine.Sqlite);
        var id = await pms.UserAsync("nomsa");
        await SetAsync(pms, "passwordLength", "20");
        var signedIn = await pms.SignInAsync("nomsa");
        var refused = await Assert.ThrowsAsync<InvalidException>(() => pms.Get<UserService>().ChangeOwnPasswordAsync(signedIn.Session.ToActor(Channel.Page, null, null, null), People.Password, People.OtherPassword));
        Assert.Equal("password.too_short", refused.Faults.Single().Why.Code);
        Assert.Equal(20, refused.Faults.Single().Why.Args[0]);
        Assert.True(id > 0);
    }

    [Theory, InlineData(Engine.Sqlite), InlineData(Engine.MySql)]
    public async Task The_zone_changes_until_something_is_recorded(Engine engine)
    {
        await using var pms = await TestPms.StartAsync(engine);
        var changed = await SetAsync(pms, "zone", "Africa/Johannesburg");
        Assert.Equal("Africa/Johannesburg", pms.Get<PlantClock>().Zone.Id);
        Assert.Equal(new DateTime(2026, 1, 5, 8, 0, 0), pms.Get<PlantClock>().Local(TestPms.Start));
        var department = await pms.DepartmentAsync();
        var person = await pms.EmployeeAsync("E7", department, pin: false);
        await pms.Db.InTransactionAsync(tx => tx.InsertAsync("INSERT INTO presences (employee_id, department_id, started_at, state) VALUES (@person, @department, @now, 'Open')", new { person, department, now = TestPms.Start }));
        var refused = await Assert.ThrowsAsync<InvalidException>(() => SetAsync(pms, "zone", "Europe/Berlin", changed.Version));
        Assert.Equal("settings.zone_used", refused.Faults.Single().Why.Code);
        await Assert.ThrowsAsync<InvalidException>(() => SetAsync(pms, "zone", null, changed.Version));
        await SetAsync(pms, "zone", "Africa/Johannesburg", changed.Version);   // the same is no change
        Assert.Equal("Africa/Johannesburg", pms.Get<PlantClock>().Zone.Id);
    }

    [Fact]
    public async Task A_password_is_sealed_goes_to_the_mail_server_and_nowhere_else()
    {
        const string secret = "quiet heron 88";
        await using var post = new MailServer();
        await using var app = await WebApp.StartAsync();
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        using var refusedWithout = await api.PatchAsJsonAsync(new Uri("/api/v1/settings", UriKind.Relative), new { undoMinutes = "10" });
        Assert.Equal(HttpStatusCode.PreconditionRequired, refusedWithout.StatusCode);
        using var notSet = await api.PostAsJsonAsync(new Uri("/api/v1/settings/test-mail", UriKind.Relative), new { to = "nomsa@plant.example" });
        Assert.Equal("mail.not_set", (await notSet.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());

        var changed = await PatchAsync(api, "\"1\"", new { smtpHost = "127.0.0.1", smtpPort = $"{post.Port}", smtpSecurity = "none", smtpUser = "pms", smtpPassword = secret, mailFrom = "pms@plant.example", plantName = "Blue Gum" });
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.DoesNotContain(secret, changed.Text, StringComparison.Ordinal);
        Assert.Contains("•••", changed.Text, StringComparison.Ordinal);
        var kept = string.Concat(await app.Get<Db>().ListAsync<string>("SELECT stored FROM plant_settings UNION ALL SELECT changes FROM audit WHERE changes IS NOT NULL UNION ALL SELECT result FROM idempotency WHERE result IS NOT NULL"));
        Assert.DoesNotContain(secret, kept, StringComparison.Ordinal);
        Assert.Contains("smtpPassword", kept, StringComparison.Ordinal);

        using var sent = await api.PostAsJsonAsync(new Uri("/api/v1/settings/test-mail", UriKind.Relative), new { to = "nomsa@plant.example" });
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        var mail = Assert.Single(post.Mails);
        Assert.Contains("To: nomsa@plant.example", mail, StringComparison.Ordinal);
        Assert.Contains("Subject: Blue Gum: test", mail, StringComparison.Ordinal);
        Assert.Equal("pms:" + secret, post.SignIns.Single());

        post.Refuses = true;
        using var refused = await api.PostAsJsonAsync(new Uri("/api/v1/settings/test-mail", UriKind.Relative), new { to = "nomsa@plant.example" });
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("mail.refused", problem.GetProperty("code").GetString());
        Assert.DoesNotContain(secret, problem.GetRawText(), StringComparison.Ordinal);
        using var header = await api.PostAsJsonAsync(new Uri("/api/v1/settings/test-mail", UriKind.Relative), new { to = "a@b.example\r\nBcc: all@b.example" });
        Assert.Equal(HttpStatusCode.BadRequest, header.StatusCode);

        var stale = await PatchAsync(api, "\"1\"", new { undoMinutes = "10" });
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
    }

    [Fact]
    public async Task What_the_deployment_sets_is_shown_and_not_changed()
    {
        await using var app = await WebApp.StartAsync(set: new Dictionary<string, string?> { ["Security:SessionTimeoutHours"] = "8" });
        await app.UserAsync("nomsa");
        using var api = await app.ApiAsync("nomsa");
        var hours = (await api.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/settings", UriKind.Relative))).GetProperty("items").EnumerateArray().Single(i => i.GetProperty("key").GetString() == "sessionHours");
        Assert.Equal(("8", "Security:SessionTimeoutHours"), (hours.GetProperty("value").GetString(), hours.GetProperty("fixedBy").GetString()));
        var refused = await PatchAsync(api, "*", new { sessionHours = "9" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("settings.fixed", refused.Text, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(8), app.Get<IdentitySettings>().SessionLimit);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PatchAsync(HttpClient api, string version, object values)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/settings") { Content = JsonContent.Create(values) };
        request.Headers.TryAddWithoutValidation("If-Match", version);
        using var answer = await api.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
