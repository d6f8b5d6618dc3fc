namespace Pms.Web.Resources;

/// <summary>The words of the operator's pages (JobsTexts.resx).</summary>
public sealed class JobsTexts;
