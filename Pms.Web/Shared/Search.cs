using Microsoft.Extensions.Localization;
using Pms.Web.Resources;

namespace Pms.Web.Shared;

/// <summary>Something Ctrl+K can lead to.</summary>
/// <param name="Kind">What it is, in the reader's words: Page, Job, Machine.</param>
public sealed record SearchHit(string Text, string Kind, string Route, string Icon);

/// <summary>A place Ctrl+K looks in; a feature registers its own and returns only what this person may open, best first.</summary>
public interface ISearchSource
{
    Task<IReadOnlyList<SearchHit>> FindAsync(Me me, string text, int most);
}

/// <summary>The pages of the rail by their name.</summary>
public sealed class PageSearch(IStringLocalizer<Texts> words) : ISearchSource
{
    public Task<IReadOnlyList<SearchHit>> FindAsync(Me me, string text, int most) => Task.FromResult<IReadOnlyList<SearchHit>>(
    [
        .. NavItems.All.Where(i => i.Permission is null || me.May(i.Permission))
            .Select(i => new SearchHit(words[i.Text], words["Search_Page"], i.Route, i.Icon))
            .Where(h => h.Text.Contains(text, StringComparison.CurrentCultureIgnoreCase))
            .OrderByDescending(h => h.Text.StartsWith(text, StringComparison.CurrentCultureIgnoreCase))
            .Take(most),
    ]);
}
