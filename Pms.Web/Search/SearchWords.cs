using System.Globalization;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Pms.Core.Identity;
using Pms.Core.Search;
using Pms.Web.Resources;
using Pms.Web.Shared;

namespace Pms.Web.Search;

/// <summary>Something Ctrl+K can lead to.</summary>
/// <param name="Group">What it is, in the reader's words: Pages, Orders, Machines.</param>
public sealed record SearchHit(string Group, string Text, string? Detail, string Route, string Icon);

/// <summary>Puts what was found into words, each with the page that shows it; what leads nowhere for this reader is left out.</summary>
public sealed class SearchWords(IStringLocalizer<Texts> words)
{
    /// <summary>The pages of the rail by their name.</summary>
    public IEnumerable<SearchHit> Pages(Me me, string text, int most) => NavItems.All.Where(i => i.Permission is null || me.May(i.Permission))
        .Select(i => new SearchHit(words["Search_Pages"], words[i.Text], null, i.Route, i.Icon))
        .Where(h => h.Text.Contains(text, StringComparison.CurrentCultureIgnoreCase))
        .OrderByDescending(h => h.Text.StartsWith(text, StringComparison.CurrentCultureIgnoreCase))
        .Take(most);

    public IEnumerable<SearchHit> Told(Me me, IEnumerable<Found> found) =>
        from f in found let route = Route(me, f) where route is not null select new SearchHit(words["Search_" + f.Kind], f.Name, f.Detail, route, Icon(f.Kind));

    /// <summary>The text in two kinds of pieces: what was typed, wherever it stands and however it is written, and the rest.</summary>
    public static IEnumerable<(string Piece, bool Hit)> Pieces(string text, string typed)
    {
        var at = 0;
        while (at < text.Length && typed.Length > 0)
        {
            var found = CultureInfo.InvariantCulture.CompareInfo.IndexOf(text.AsSpan(at), typed, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace, out var length);
            if (found < 0 || length == 0)
                break;
            if (found > 0)
                yield return (text.Substring(at, found), false);
            yield return (text.Substring(at + found, length), true);
            at += found + length;
        }
        if (at < text.Length)
            yield return (text[at..], false);
    }

    private static string? Route(Me me, Found f)
    {
        var id = f.Id.ToString(CultureInfo.InvariantCulture);
        return f.Kind switch
        {
            FoundKind.Order => "/planning/orders/" + id,
            FoundKind.Job => "/manager/jobs?job=" + id,
            FoundKind.Machine => "/machines/" + Uri.EscapeDataString(f.Name),
            FoundKind.Employee => "/admin/employees?id=" + id,
            FoundKind.Product => "/admin/products?id=" + id,
            FoundKind.Ticket => me.May(Permissions.MachinesView) ? $"/machines/{Uri.EscapeDataString(f.Machine ?? "")}?tab=tickets" : null,
            _ => "/admin/users?id=" + id,
        };
    }

    private static string Icon(FoundKind kind) => kind switch
    {
        FoundKind.Order => Icons.Material.Filled.Assignment,
        FoundKind.Job => Icons.Material.Filled.ViewKanban,
        FoundKind.Machine => Icons.Material.Filled.PrecisionManufacturing,
        FoundKind.Employee => Icons.Material.Filled.Badge,
        FoundKind.Product => Icons.Material.Filled.Checkroom,
        FoundKind.Ticket => Icons.Material.Filled.Build,
        _ => Icons.Material.Filled.ManageAccounts,
    };
}
