namespace Pms.Web.Health;

/// <summary>The words of the health page (HealthTexts.resx).</summary>
public sealed class HealthTexts;
