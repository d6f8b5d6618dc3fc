namespace Pms.Core.Audit.Retention;

/// <summary>Goes through all archives along with the chain, seal by seal: each archive is read once, and only those whose seals are passed are open.</summary>
internal sealed class ArchiveWalk(ArchiveFiles files, IReadOnlyList<ArchiveFiles.Description> archives, CancellationToken ct) : IAsyncDisposable
{
    private readonly List<IAsyncEnumerator<ArchivedRow>> open = [];
    private int next;

    /// <summary>The archived entries of one seal, by id. Seals must be asked for in rising order.</summary>
    public async Task<Dictionary<long, AuditRow>> OfAsync(long seal)
    {
        for (; next < archives.Count && archives[next].FirstSeal <= seal; next++)
        {
            var rows = files.RowsAsync(archives[next], ct).GetAsyncEnumerator(ct);
            if (await rows.MoveNextAsync())
                open.Add(rows);
            else
                await rows.DisposeAsync();
        }
        var found = new Dictionary<long, AuditRow>();
        for (var i = open.Count - 1; i >= 0; i--)
        {
            var more = true;
            for (; more && open[i].Current.Seal <= seal; more = await open[i].MoveNextAsync())
                if (open[i].Current.Seal == seal)
                    found[open[i].Current.Row.Id] = open[i].Current.Row;
            if (more)
                continue;
            await open[i].DisposeAsync();
            open.RemoveAt(i);
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var rows in open)
            await rows.DisposeAsync();
    }
}
