namespace Pms.Web.Labels;

/// <summary>The words of the label page (LabelsTexts.resx).</summary>
public sealed class LabelsTexts;
