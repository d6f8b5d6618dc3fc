namespace Pms.Web.Shared;

/// <summary>Light, dark or as the system says: one choice per browser, kept in a cookie and put on &lt;html&gt; with the first byte, so that nothing flashes.</summary>
public sealed record ThemeChoice(string Name)
{
    /// <summary>The cookie that holds the choice; it carries no personal data and needs no consent.</summary>
    public const string Cookie = "pms-theme";

    public static readonly ThemeChoice System = new("system");
    public static readonly ThemeChoice Light = new("light");
    public static readonly ThemeChoice Dark = new("dark");

    /// <summary>Value of html[data-theme]; null (no attribute) leaves it to the system.</summary>
    public string? Attribute => this == System ? null : Name;

    /// <summary>Value of the color-scheme meta, so that the page before its style sheet has the right ground too.</summary>
    public string ColorScheme => this == System ? "light dark" : Name;

    public bool IsDark => this == Dark;

    /// <summary>The choice of this name; anything unknown means as the system.</summary>
    public static ThemeChoice Named(string? name) => name switch { "light" => Light, "dark" => Dark, _ => System };

    public static ThemeChoice Of(HttpRequest request) => Named(request.Cookies[Cookie]);
}
