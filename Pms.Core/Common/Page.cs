namespace Pms.Core;

/// <summary>One page of a list. <see cref="Total"/> is exact up to 10 000; above that it is 10 001 and shown as "10 000+".</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, int Total)
{
    public const int CountLimit = 10_000;
    public bool More => Total > CountLimit;

    /// <summary>Where the next page begins, if the page was asked for by cursor and isn't the last.</summary>
    public string? Next { get; init; }

    public Page<TOther> Select<TOther>(Func<T, TOther> map) => new([.. Items.Select(map)], Total) { Next = Next };
}

/// <summary>What a list asks for; sort and filter names map to fixed SQL fragments, never to text of the caller.</summary>
public sealed record PageRequest
{
    public const int MaxSize = 200;

    public string? Search { get; init; }
    public IReadOnlyDictionary<string, string> Filters { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields that the search must not look into, because the asker may not see them; see <c>ListQuery.SearchOf</c>.</summary>
    public IReadOnlySet<string> Unsearched { get; init; } = new HashSet<string>();

    /// <summary>A field name, with a leading '-' for descending.</summary>
    public string? Sort { get; init; }

    /// <summary>0-based.</summary>
    public int Index { get; init; }
    public int Size { get; init; } = 50;

    /// <summary>Not null: the page begins behind this place (empty: at the beginning) instead of at <see cref="Index"/>, so that rows made meanwhile shift nothing.</summary>
    public string? Cursor { get; init; }

    /// <summary>False where nobody looks at the total, page after page; by cursor only.</summary>
    public bool Counted { get; init; } = true;
}

/// <summary>What one list can be asked for: the names of its filters and orders, as callers write them.</summary>
/// <param name="First">The order without a wish.</param>
public sealed record ListShape(IReadOnlyList<string> Filters, IReadOnlyList<string> Sorts, string First, bool Searches);
