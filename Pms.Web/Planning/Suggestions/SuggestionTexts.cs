namespace Pms.Web.Planning.Suggestions;

/// <summary>The words of suggestions (SuggestionTexts.resx).</summary>
public sealed class SuggestionTexts;
