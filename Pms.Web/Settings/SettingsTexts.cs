namespace Pms.Web.Settings;

/// <summary>The words of the settings page (SettingsTexts.resx).</summary>
public sealed class SettingsTexts;
