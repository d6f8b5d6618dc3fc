namespace Pms.Web.Planning.Promises;

/// <summary>The words of promises and what-if (PromiseTexts.resx).</summary>
public sealed class PromiseTexts;
