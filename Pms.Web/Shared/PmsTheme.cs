using MudBlazor;

namespace Pms.Web.Shared;

/// <summary>MudBlazor's theme, the same tokens as wwwroot/css/tokens.css; the style sheet wins, this serves what MudBlazor computes itself (ripples, shades).</summary>
public static class PmsTheme
{
    /// <summary>The browser's own bar on a phone, light and dark: the surface colour.</summary>
    public const string BarLight = "#ffffff", BarDark = "#17212b";

    private static readonly string[] Font = ["Inter", "Segoe UI", "Roboto", "system-ui", "sans-serif"];

    public static readonly MudTheme Theme = new()
    {
        PaletteLight = new PaletteLight
        {
            Background = "#f3f5f7", BackgroundGray = "#eaeef2", Surface = "#ffffff", DrawerBackground = "#ffffff", AppbarBackground = "#ffffff",
            AppbarText = "#16202b", DrawerText = "#16202b", DrawerIcon = "#4a5866", TextPrimary = "#16202b", TextSecondary = "#4a5866",
            Primary = "#0b5c7a", PrimaryContrastText = "#ffffff", Secondary = "#4a5866", Tertiary = "#7b3f98", Info = "#0b5c7a",
            Success = "#00734f", Warning = "#8a5a00", Error = "#b3261e", Dark = "#16202b",
            LinesDefault = "#cfd6de", LinesInputs = "#6d7b88", Divider = "#cfd6de", TableLines = "#cfd6de", ActionDefault = "#4a5866",
        },
        PaletteDark = new PaletteDark
        {
            Background = "#0e151c", BackgroundGray = "#1f2c38", Surface = "#17212b", DrawerBackground = "#17212b", AppbarBackground = "#17212b",
            AppbarText = "#eef3f7", DrawerText = "#eef3f7", DrawerIcon = "#a9b8c6", TextPrimary = "#eef3f7", TextSecondary = "#a9b8c6",
            Primary = "#58b4d8", PrimaryContrastText = "#06222e", Secondary = "#a9b8c6", Tertiary = "#d3a3ea", Info = "#58b4d8",
            Success = "#45d19a", SuccessContrastText = "#052417", Warning = "#f2b84b", WarningContrastText = "#3b2e10", Error = "#ff8a80", ErrorContrastText = "#3a0906", Dark = "#eef3f7",
            LinesDefault = "#34434f", LinesInputs = "#7d8e9d", Divider = "#34434f", TableLines = "#34434f", ActionDefault = "#a9b8c6",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "10px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Font, FontSize = "1rem", LineHeight = "1.4", LetterSpacing = "0" },
            Body1 = new Body1Typography { FontFamily = Font, FontSize = "1rem", LineHeight = "1.4", LetterSpacing = "0" },
            Body2 = new Body2Typography { FontFamily = Font, FontSize = ".9375rem", LineHeight = "1.4", LetterSpacing = "0" },
            Caption = new CaptionTypography { FontFamily = Font, FontSize = ".8125rem", LineHeight = "1.4", LetterSpacing = "0" },
            Button = new ButtonTypography { FontFamily = Font, FontSize = ".9375rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "0" },
            H5 = new H5Typography { FontFamily = Font, FontSize = "1.25rem", FontWeight = "680", LetterSpacing = "-.01em" },
            H6 = new H6Typography { FontFamily = Font, FontSize = "1.25rem", FontWeight = "650", LetterSpacing = "-.01em" },
        },
    };
}
