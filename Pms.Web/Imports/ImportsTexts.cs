namespace Pms.Web.Imports;

/// <summary>The words of the import pages (ImportsTexts.resx).</summary>
public sealed class ImportsTexts;
