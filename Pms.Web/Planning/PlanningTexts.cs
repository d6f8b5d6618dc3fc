namespace Pms.Web.Planning;

/// <summary>The words of the planning pages (PlanningTexts.resx).</summary>
public sealed class PlanningTexts;
