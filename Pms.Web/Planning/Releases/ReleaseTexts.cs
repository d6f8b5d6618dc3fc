namespace Pms.Web.Planning.Releases;

/// <summary>The words of planning of many orders (ReleaseTexts.resx).</summary>
public sealed class ReleaseTexts;
