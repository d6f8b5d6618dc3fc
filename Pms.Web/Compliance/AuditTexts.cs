namespace Pms.Web.Compliance;

/// <summary>The words of the audit's pages and reports (AuditTexts.resx).</summary>
public sealed class AuditTexts;
