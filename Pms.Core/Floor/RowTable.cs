namespace Pms.Core.Floor;

/// <summary>Rows found by the ids they hang on: some of them are replaced at the price of those, however many the others are. Not for several threads at once.</summary>
internal sealed class RowTable<T>(IReadOnlyList<T> rows) where T : class
{
    private readonly List<RowIndex<T>> indexes = [];

    /// <summary>Another id to find the rows by, to be asked for before the first is replaced; a row without one is not found by it.</summary>
    public RowIndex<T> By(Func<T, long?> id)
    {
        var index = new RowIndex<T>(id);
        foreach (var row in rows)
            index.Add(row);
        indexes.Add(index);
        return index;
    }

    public void Replace(IEnumerable<T> gone, IEnumerable<T> anew)
    {
        foreach (var row in gone.ToList())
            foreach (var index in indexes)
                index.Remove(row);
        foreach (var row in anew)
            foreach (var index in indexes)
                index.Add(row);
    }
}

/// <summary>The rows of a <see cref="RowTable{T}"/> by one of their ids.</summary>
internal sealed class RowIndex<T>(Func<T, long?> id) where T : class
{
    private readonly Dictionary<long, List<T>> rows = [];

    /// <summary>Those read together in their order; none where nothing has this id.</summary>
    public IReadOnlyList<T> this[long id] => rows.TryGetValue(id, out var found) ? found : [];

    /// <summary>Of several ids.</summary>
    public IEnumerable<T> Of(IEnumerable<long> ids) => ids.SelectMany(i => this[i]);

    internal void Add(T row)
    {
        if (id(row) is not { } key)
            return;
        if (!rows.TryGetValue(key, out var found))
            rows[key] = found = [];
        found.Add(row);
    }

    internal void Remove(T row)
    {
        if (id(row) is not { } key || !rows.TryGetValue(key, out var found))
            return;
        found.RemoveAll(r => ReferenceEquals(r, row));   // the row itself: two intervals may tell the same
        if (found.Count == 0)
            rows.Remove(key);
    }
}
