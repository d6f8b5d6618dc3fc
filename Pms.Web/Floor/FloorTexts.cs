namespace Pms.Web.Floor;

/// <summary>The words of the managers' boards (FloorTexts.resx).</summary>
public sealed class FloorTexts;
