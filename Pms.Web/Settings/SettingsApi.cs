using Pms.Core.Settings;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Settings;

/// <summary>/api/v1/settings: what an administrator may set, with bounds and defaults; changed by name under If-Match. And the test mail.</summary>
public static class SettingsApi
{
    /// <summary>Where the test mail goes.</summary>
    public sealed record TestMail(string To);

    /// <summary>What was sent where.</summary>
    public sealed record TestMailSent(string To);

    public static void MapSettingsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("settings");
        api.MapOne("/", ReadAsync).Says("GetSettings", "Read the plant's settings", "Each with its bounds, its default and, where a file or the environment decides it, by which name. A secret is never answered.");
        api.MapPatched<Dictionary<string, string?>, SettingsPicture>("/", async http => (await ReadAsync(http)).Version, (http, body, version) =>
                Service(http).ChangeAsync(http.Actor(), new ChangeSettings(version, body), http.RequestAborted))
            .Says("ChangeSettings", "Change settings by name", "What isn't named stays; null goes back to the default. All values are texts, numbers with a point.")
            .Example(new Dictionary<string, string?> { ["undoMinutes"] = "10", ["longStopMinutes"] = null });
        api.MapCommand<TestMail, TestMailSent>("/test-mail", async (http, body) =>
        {
            await Service(http).SendTestMailAsync(http.Actor(), body!.To, http.RequestAborted);
            return new TestMailSent(body.To);
        }).Says("SendTestMail", "Send a test mail by the settings in force").Refuses("mail.not_set", "mail.password_lost", "mail.refused").Example(new TestMail("naledi@plant.example"));
    }

    private static Task<SettingsPicture> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.RequestAborted);

    private static SettingsService Service(HttpContext http) => http.Service<SettingsService>();
}
