using Microsoft.Extensions.Logging;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Sheets;

namespace Pms.Core.Imports;

/// <summary>
/// Reads, checks and applies in the background, one slice at a time in turn over all imports. Whatever it is killed in, the next round goes on:
/// a file is read from its start again, a row that was stored already is found unchanged.
/// </summary>
public sealed class ImportRunner(ImportService service, ImportRepository imports, ImportFiles files, AuditLog audit, Db db, PlantClock clock, ILogger<ImportRunner> log)
{
    public const int MostRows = 200_000;

    /// <summary>So many records share one transaction while applying; other writers wait for it, so it is short.</summary>
    private const int ApplySlice = 50;

    private const int ReadSlice = 500;

    /// <summary>So many characters of rows are in hand at once; a slice of long rows has fewer of them.</summary>
    private const int SliceText = 500_000;

    /// <summary><see cref="MostRows"/>; tests have less patience.</summary>
    internal int Most { get; set; } = MostRows;

    public Task<bool> IsDueAsync(CancellationToken ct) => imports.AnyWorkingAsync(ct);

    /// <summary>Works until nothing is left that this node can do.</summary>
    public async Task RunAsync(Lease? lease, CancellationToken ct)
    {
        var reached = new Dictionary<long, string>();
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var import in await imports.WorkingAsync(ct))
            {
                if (lease is not null && !await lease.RenewAsync(ct))
                    return;
                moved |= await GuardAsync(import, () => import.Status == ImportStatus.Checking ? CheckAsync(import, lease, ct) : ApplyAsync(import, reached, ct), ct);
            }
        }
    }

    /// <summary>Removes imports that nobody touched for 30 days, and files that no import names.</summary>
    public async Task PurgeAsync(CancellationToken ct)
    {
        foreach (var id in await imports.OldAsync(clock.Now.AddDays(-30), ct))
        {
            await ClearAsync(id, ct);
            await imports.DeleteAsync(id, ct);
        }
        await files.SweepAsync(hash => imports.UsesFileAsync(hash, ct), ct);
    }

    /// <summary>A refusal ends the import with its reason; a fault of ours does too, and stands in the log. What the database can't do now is tried again.</summary>
    private async Task<bool> GuardAsync(Import import, Func<Task<bool>> work, CancellationToken ct)
    {
        Refusal why;
        try
        {
            return await work();
        }
        catch (Exception e) when (e is BusyException or OutcomeUnknownException || e is OperationCanceledException && ct.IsCancellationRequested)
        {
            throw;
        }
        catch (PmsException e)
        {
            why = new Refusal(e.Code, [.. e.Args]);
        }
        catch (Exception e)
        {
            var reference = Guid.NewGuid().ToString("N")[..10];
            log.LogError(e, "Import {Import} failed, reference {Reference}", import.Id, reference);
            why = new Refusal("unexpected", reference);
        }
        await EndAsync(import, ImportStatus.Failed, why, ct);
        return true;
    }

    private async Task<bool> CheckAsync(Import import, Lease? lease, CancellationToken ct)
    {
        var hash = await imports.HashAsync(import.Id, ct);
        if (!files.Has(hash))
        {
            // Another node may have it; none comes forward within ten minutes: it is gone.
            return clock.Now - import.ChangedAt > TimeSpan.FromMinutes(10) ? throw new RuleException("import.file_gone") : false;
        }
        await ClearAsync(import.Id, ct);
        var definition = service.Definition(import.Entity);
        var actor = (await imports.ActorAsync(import.Id, ct)).ToActor();
        var target = await definition.OpenAsync(actor, ct);
        var read = 0;
        using var file = SheetFile.Open(files.PathOf(hash), files.Cache);
        foreach (var slice in Slices(Records(file, import, definition)))
        {
            read += slice.Count;
            if (read > Most)
                throw new RuleException("import.too_many_rows", Most);
            var judged = await JudgeAsync(slice, import.Id, definition, target, ct);
            if (lease is not null && !await lease.RenewAsync(ct))
                return false;
            if (!await db.InTransactionAsync(async tx =>
            {
                if (!await imports.BeatAsync(tx, import.Id, ImportStatus.Checking, read))
                    return false;
                await imports.InsertRowsAsync(tx, import.Id, judged);
                tx.Raise(new ImportChanged(import.Id, import.Entity));
                return true;
            }, ct))
                return true;   // cancelled
        }
        if (read == 0)
            throw new RuleException("import.no_rows");
        if (definition.KeyRepeats && !await RefuseCrowdsAsync(import, definition, read, ct))
            return true;
        // Rows that make one record together, but stood too far apart to be judged in passing.
        while (definition.KeyRepeats && await imports.RowsByKeyAsync(import.Id, [ImportRowStatus.Read], "", ReadSlice, ct) is { Count: > 0 } apart)
        {
            var rows = await imports.RowsOfAsync(import.Id, [.. apart.Select(r => r.Key).Distinct()], ct);
            var verdicts = await target.JudgeAsync(rows, ct);
            if (lease is not null && !await lease.RenewAsync(ct))
                return false;
            if (!await db.InTransactionAsync(tx => KeepAsync(tx, import, ImportStatus.Checking, read, rows, verdicts), ct))
                return true;
        }
        await EndAsync(import, ImportStatus.Ready, null, ct);
        return true;
    }

    /// <summary>
    /// One batch: its rows and what became of them are stored together, so that a stop in the middle leaves neither. Where the database takes the batch back
    /// (a deadlock with a faster import, a lost connection), each record goes in a transaction of its own.
    /// </summary>
    /// <param name="reached">How far each import is: what stands before is done, and need not be looked through again.</param>
    private async Task<bool> ApplyAsync(Import import, Dictionary<long, string> reached, CancellationToken ct)
    {
        var definition = service.Definition(import.Entity);
        var rows = await imports.RowsByKeyAsync(import.Id, [ImportRowStatus.New, ImportRowStatus.Changed], reached.GetValueOrDefault(import.Id, ""), ApplySlice, ct);
        if (rows.Count == 0)
        {
            if (!reached.Remove(import.Id))
                await EndAsync(import, ImportStatus.Done, null, ct);
            return true;   // looked through from its beginning once more
        }
        var actor = (await imports.ActorAsync(import.Id, ct)).ToActor();
        try
        {
            var target = await definition.OpenAsync(actor, ct);
            await db.BatchAsync(() => StoreAsync(target, together: true), ct);
        }
        catch (BatchLostException)
        {
            await StoreAsync(await definition.OpenAsync(actor, ct), together: false);
        }
        reached[import.Id] = rows[^1].Key;
        return true;

        async Task<bool> StoreAsync(IImportTarget target, bool together)
        {
            // A record of several rows is known by all of them, those that are done or wrong too.
            var all = definition.KeyRepeats ? await imports.RowsOfAsync(import.Id, [.. rows.Select(r => r.Key).Distinct()], ct) : rows;
            var stored = all.Zip(await target.StoreAsync(all, together, ct)).Where(v => v.First.Status is ImportRowStatus.New or ImportRowStatus.Changed).ToList();
            return await db.InTransactionAsync(tx => KeepAsync(tx, import, ImportStatus.Applying, import.RowsRead, [.. stored.Select(v => v.First)], [.. stored.Select(v => v.Second)]), ct);
        }
    }

    /// <summary>Keeps the verdicts; what was stored is written down even when the import was cancelled meanwhile. False when it was.</summary>
    private async Task<bool> KeepAsync(Tx tx, Import import, ImportStatus status, int read, IReadOnlyList<ImportRow> rows, IReadOnlyList<ImportVerdict> verdicts)
    {
        var goesOn = await imports.BeatAsync(tx, import.Id, status, read);
        var judged = rows.Select((r, i) => (Row: r with { Status = verdicts[i].Status, Changes = verdicts[i].Changes.Count == 0 ? r.Changes : verdicts[i].Changes, Faults = verdicts[i].Faults }, Before: r))
            .ToLookup(r => r.Row.Faults.Count == 0 && r.Before.Faults.Count == 0 && r.Row.Changes.SequenceEqual(r.Before.Changes), r => r.Row);
        // Most rows go as they were foretold: of them only the status is new.
        foreach (var same in judged[true].GroupBy(r => r.Status))
            await imports.MarkRowsAsync(tx, import.Id, same.Key, [.. same.Select(r => r.Number)]);
        await imports.UpdateRowsAsync(tx, import.Id, judged[false]);
        tx.Raise(new ImportChanged(import.Id, import.Entity));
        return goesOn;
    }

    /// <summary>More rows than a record can have are no record: mostly another column was taken for the number. False when the import was cancelled.</summary>
    private async Task<bool> RefuseCrowdsAsync(Import import, IImportDefinition definition, int read, CancellationToken ct)
    {
        foreach (var key in await imports.CrowdedAsync(import.Id, ImportService.MostOfOne, ct))
            for (var last = -1; last != 0;)
            {
                var after = Math.Max(0, last);
                if ((last = await db.InTransactionAsync(async tx => await imports.BeatAsync(tx, import.Id, ImportStatus.Checking, read) ? await imports.RefuseAsync(tx, import.Id, key, ImportService.Crowded(definition), after) : -1, ct)) < 0)
                    return false;
            }
        return true;
    }

    private async Task<IReadOnlyList<ImportRow>> JudgeAsync(List<ImportRow> rows, long id, IImportDefinition definition, IImportTarget target, CancellationToken ct)
    {
        var seen = await imports.SeenAsync(id, [.. rows.Select(r => r.Key).Where(k => k.Length > 0).Distinct()], ct);
        var known = new ImportVerdict?[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (definition.KeyRepeats)
                known[i] = seen.ContainsKey(rows[i].Key) ? new ImportVerdict(ImportRowStatus.Read, [], []) : null;
            else if (rows[i].Key.Length == 0)
                known[i] = ImportVerdict.Wrong([new Fault(definition.Fields[0].Name, new Refusal("required"))]);
            else if (!seen.TryAdd(rows[i].Key, rows[i].Number))
                known[i] = ImportVerdict.Wrong([new Fault(definition.Fields[0].Name, new Refusal("import.twice", seen[rows[i].Key]))]);
        }
        var asked = rows.Where((_, i) => known[i] is null).ToList();
        var verdicts = new Queue<ImportVerdict>(asked.Count == 0 ? [] : await target.JudgeAsync(asked, ct));
        return [.. rows.Select((r, i) => (known[i] ?? verdicts.Dequeue()) is var v ? r with { Status = v.Status, Changes = v.Changes, Faults = v.Faults } : r)];
    }

    private static IEnumerable<ImportRow> Records(SheetFile file, Import import, IImportDefinition definition)
    {
        var kinds = definition.Fields.ToDictionary(f => f.Name, f => f.Kind);
        foreach (var row in file.Rows(import.Shape.Tab))
        {
            if (row.Number <= import.Shape.HeaderRow || row.IsBlank)
                continue;
            var values = new Dictionary<string, string>();
            foreach (var (field, at) in import.Mapping)
                if (at < row.Cells.Count && ImportService.Canonical(kinds[field], row.Cells[at], import.Shape.Habits) is { Length: > 0 } text)
                    values[field] = text;
            if (!ImportProbe.IsNoRecord(row, import.Shape, values, definition.Fields[0].Name))
                yield return new ImportRow { Number = row.Number, Key = ImportService.Cut(definition.KeyOf(values)), Values = values };
        }
    }

    internal static IEnumerable<List<ImportRow>> Slices(IEnumerable<ImportRow> rows)
    {
        var (slice, length) = (new List<ImportRow>(ReadSlice), 0);
        foreach (var row in rows)
        {
            slice.Add(row);
            length += row.Values.Sum(v => v.Value.Length);
            if (slice.Count < ReadSlice && length < SliceText)
                continue;
            yield return slice;
            (slice, length) = (new List<ImportRow>(ReadSlice), 0);
        }
        if (slice.Count > 0)
            yield return slice;
    }

    private async Task ClearAsync(long id, CancellationToken ct)
    {
        var last = await imports.LastRowAsync(id, ct);
        for (var upTo = 2_000; last > 0 && upTo < last + 2_000; upTo += 2_000)
            await imports.ClearAsync(id, upTo, ct);
    }

    private Task EndAsync(Import import, ImportStatus to, Refusal? why, CancellationToken ct) => db.InTransactionAsync(async tx =>
    {
        if (await imports.MoveAsync(tx, import.Id, import.Status, to, why) == 0)
            return;
        if (to is ImportStatus.Done or ImportStatus.Failed)
            audit.Write(tx, (await imports.ActorAsync(import.Id, ct)).ToActor(), to == ImportStatus.Done ? "import.done" : "import.failed", "import", import.Id, reason: why?.Code);
        tx.Raise(new ImportChanged(import.Id, import.Entity));
    }, ct);
}
