namespace Pms.Web.Capacity;

/// <summary>The words of the capacity pages (CapacityTexts.resx).</summary>
public sealed class CapacityTexts;
