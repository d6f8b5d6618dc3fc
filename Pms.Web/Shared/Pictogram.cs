using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;

namespace Pms.Web.Shared;

/// <summary>
/// An icon as one piece of markup, the same string for all pages. On pages that stay open by the hundred it stands instead of &lt;Icon&gt;:
/// a component of its own for each icon was more than half of what such a page kept in memory.
/// </summary>
public static class Pictogram
{
    private static readonly ConcurrentDictionary<string, MarkupString> Drawn = new(StringComparer.Ordinal);

    /// <param name="svg">A constant of MudBlazor.Icons.Material, never text from outside.</param>
    public static MarkupString Of(string svg) => Drawn.GetOrAdd(svg, static s => new($"""<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{s}</svg>"""));
}
