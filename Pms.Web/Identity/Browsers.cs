using MudBlazor;
using Pms.Core.Identity.Sessions;

namespace Pms.Web.Identity;

/// <summary>What a browser says of itself, in words: enough to tell one's own devices apart, never proof of anything.</summary>
public static class Browsers
{
    private static readonly (string Mark, string Name)[] Programs = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    private static readonly (string Mark, string Name)[] Systems = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];

    /// <summary>“Chrome, Android”; null where nothing is known.</summary>
    public static string? NameOf(string? agent) =>
        string.Join(", ", new[] { Find(agent, Programs), Find(agent, Systems) }.Where(x => x is not null)) is { Length: > 0 } name ? name : null;

    public static string IconOf(SessionKind kind, string? agent) => kind switch
    {
        SessionKind.Api => Icons.Material.Filled.Api,
        SessionKind.Terminal => Icons.Material.Filled.TabletMac,
        _ => agent?.Contains("Mobile", StringComparison.Ordinal) == true ? Icons.Material.Filled.Smartphone : Icons.Material.Filled.Computer,
    };

    private static string? Find(string? agent, (string Mark, string Name)[] known) => agent is null ? null : known.FirstOrDefault(k => agent.Contains(k.Mark, StringComparison.Ordinal)).Name;
}
