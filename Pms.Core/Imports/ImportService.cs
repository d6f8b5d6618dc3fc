using System.Collections.Frozen;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Sheets;

namespace Pms.Core.Imports;

/// <summary>
/// Files into master data in steps that a person looks at: upload, say which column is what, look at what would change, correct, apply.
/// Reading and applying go on in the background; importing the same file again changes nothing.
/// </summary>
public sealed class ImportService(IEnumerable<IImportDefinition> definitions, ImportRepository imports, ImportFiles files, Commands commands, AuditLog audit, Db db, FieldRules fields, Rights rights)
{
    public const long MostBytes = 50_000_000;

    /// <summary>So many wrong rows are looked through for what is missing; once that is made, the next ones are.</summary>
    private const int MostLooked = 10_000;

    /// <summary>So many rows make one record; an order has lines up to 9999, ten apart.</summary>
    internal const int MostOfOne = 1_000;

    private readonly FrozenDictionary<string, IImportDefinition> known = definitions.ToFrozenDictionary(d => d.Entity);

    /// <exception cref="NotFoundException">Nothing of that name is imported.</exception>
    public IImportDefinition Definition(string entity) => known.GetValueOrDefault(entity) ?? throw new NotFoundException("import", entity);

    public IReadOnlyList<IImportDefinition> Definitions => [.. known.Values.OrderBy(d => d.Entity, StringComparer.Ordinal)];

    /// <summary>Keeps the file, finds the table in it and proposes which column is what.</summary>
    /// <exception cref="RuleException">file.too_large, sheet.…: it is no table that can be read.</exception>
    public async Task<Import> UploadAsync(Actor actor, string entity, string fileName, Stream content, CancellationToken ct = default)
    {
        var definition = Demand(actor, entity);
        var (hash, size) = await files.KeepAsync(content, MostBytes, ct);
        var shape = await ShapeAsync(files.PathOf(hash), definition, null, null, ct);
        var name = Text.Clean(Path.GetFileName(fileName.Replace('\\', '/'))) is { Length: > 0 } clean ? clean : "file";
        var import = new Import
        {
            Entity = entity, Status = ImportStatus.Mapping, Owner = actor.Name, ByWhom = Name(actor), FileName = name.Length > 200 ? name[..200] : name, Size = size, Shape = shape, Mapping = await SuggestAsync(actor, definition, shape, ct),
        };
        var id = await commands.RunAsync(actor, "import.upload", actor.CommandKey, new { entity, import.FileName, hash }, async tx =>
        {
            var made = await imports.InsertAsync(tx, import, actor, hash, ImportProbe.Layout(shape));
            audit.Write(tx, actor, "import.upload", "import", made, new Dictionary<string, object?[]> { ["Entity"] = [null, entity], ["File"] = [null, import.FileName], ["Hash"] = [null, hash] });
            tx.Raise(new ImportChanged(made, entity));
            return made;
        }, ct);
        return (await imports.FindAsync(id, ct))!;
    }

    /// <summary>An own import; who may edit the entity in all departments sees everybody's.</summary>
    /// <exception cref="NotFoundException">There is none, or a file of somebody else's may hold other departments' rows.</exception>
    public async Task<Import> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var import = await imports.FindAsync(id, ct) ?? throw new NotFoundException("import", id);
        var definition = Demand(actor, import.Entity);
        return SeesAll(actor, definition) || import.ByWhom == Name(actor) ? import : throw new NotFoundException("import", id);
    }

    /// <summary>The latest 20 of an entity, newest first: the own ones, or everybody's as in <see cref="GetAsync"/>.</summary>
    public Task<IReadOnlyList<Import>> ListAsync(Actor actor, string entity, CancellationToken ct = default)
    {
        var definition = Demand(actor, entity);
        return imports.ListAsync(entity, SeesAll(actor, definition) ? null : Name(actor), ct);
    }

    /// <summary>Looks at another sheet or row of headings and proposes again.</summary>
    public async Task<Import> ReshapeAsync(Actor actor, long id, int version, string? tab, int? headerRow, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        Allow(import, version, ImportStatus.Mapping, ImportStatus.Ready, ImportStatus.Failed);
        var definition = Definition(import.Entity);
        var path = await FileAsync(id, ct);
        var shape = await ShapeAsync(path, definition, tab ?? import.Shape.Tab, headerRow ?? (tab is null ? import.Shape.HeaderRow : null), ct);
        return await MoveAsync(actor, import with { Status = ImportStatus.Mapping, Shape = shape, Mapping = await SuggestAsync(actor, definition, shape, ct) }, null, ct);
    }

    /// <summary>Settles which column is what and has every row checked; nothing is written to the master data.</summary>
    /// <exception cref="InvalidException">A needed field has no column, or a column doesn't exist.</exception>
    public async Task<Import> CheckAsync(Actor actor, long id, int version, ImportSetup setup, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        Allow(import, version, ImportStatus.Mapping, ImportStatus.Ready, ImportStatus.Failed);
        if (setup.Tab is { } tab && tab != import.Shape.Tab || setup.HeaderRow is { } row && row != import.Shape.HeaderRow)
        {
            import = await ReshapeAsync(actor, id, version, setup.Tab, setup.HeaderRow, ct);
        }
        var definition = Definition(import.Entity);
        var names = definition.Fields.Select(f => f.Name).ToHashSet();
        // Programs write names as their language likes; here they are the fields' own.
        var mapping = setup.Mapping.Count == 0 ? import.Mapping : setup.Mapping.GroupBy(m => definition.Fields.FirstOrDefault(f => f.Name.Equals(m.Key, StringComparison.OrdinalIgnoreCase))?.Name ?? m.Key).ToDictionary(g => g.Key, g => g.First().Value);
        var faults = mapping.Where(m => !names.Contains(m.Key) || m.Value < 0 || m.Value >= import.Shape.Columns.Count).Select(m => new Fault($"Mapping.{m.Key}", new Refusal("unknown_value")))
            .Concat(mapping.Keys.Where(m => names.Contains(m) && !MayFill(actor, definition, m)).Select(m => new Fault($"Mapping.{m}", new Refusal("field.read_only", m))))
            .Concat(definition.Fields.Take(1).Where(f => !mapping.ContainsKey(f.Name)).Select(f => new Fault($"Mapping.{f.Name}", new Refusal("import.no_column")))).ToList();
        if (faults.Count > 0)
            throw new InvalidException(faults);
        await FileAsync(id, ct);
        var habits = new SheetHabits(setup.DecimalComma ?? import.Shape.Habits.DecimalComma, setup.DayFirst ?? import.Shape.Habits.DayFirst);
        return await MoveAsync(actor, import with { Status = ImportStatus.Checking, Mapping = mapping, Shape = import.Shape with { Habits = habits } }, null, ct);
    }

    /// <summary>The next rows after one; all statuses where none is named.</summary>
    public async Task<IReadOnlyList<ImportRow>> RowsAsync(Actor actor, long id, ImportRowStatus? status = null, int after = 0, int limit = 50, CancellationToken ct = default)
    {
        if (limit is < 1 or > 1_000)
            throw new InvalidException("limit", "between", 1, 1_000);
        await GetAsync(actor, id, ct);
        return await imports.RowsAsync(id, Meant(status), after, limit, ct);
    }

    /// <summary>The page of rows behind one, with its place among its like.</summary>
    public async Task<ImportRowPage> PageAsync(Actor actor, long id, ImportRowStatus? status, int after, int size, CancellationToken ct = default)
    {
        var rows = await RowsAsync(actor, id, status, after, size + 1, ct);
        var (before, previous) = after <= 0 ? (0, 0) : await imports.PlaceAsync(id, Meant(status), after, size, ct);
        return new ImportRowPage([.. rows.Take(size)], before, before == 0 ? null : previous, rows.Count > size);
    }

    /// <summary>The first row that is wrong or was refused; 0 where there is none.</summary>
    public async Task<int> FirstWrongAsync(Actor actor, long id, CancellationToken ct = default)
    {
        await GetAsync(actor, id, ct);
        return await imports.FirstRowAsync(id, Meant(ImportRowStatus.Wrong), ct);
    }

    /// <summary>Sets some values of a row right and judges it again. Numbers and days are read by the person's own way of writing them.</summary>
    public async Task<ImportRow> CorrectAsync(Actor actor, long id, int number, IReadOnlyDictionary<string, string> values, SheetHabits? habits = null, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        if (!import.CanApply)
            throw new RuleException("import.not_now", import.Status);
        var definition = Definition(import.Entity);
        var row = await imports.FindRowAsync(id, number, ct) ?? throw new NotFoundException("import_row", number);
        if (row.Status is ImportRowStatus.Done)
            throw new RuleException("import.row_done", number);
        var next = new Dictionary<string, string>(row.Values);
        foreach (var (field, text) in values)
        {
            var known = definition.Fields.FirstOrDefault(f => f.Name.Equals(field, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidException(field, "unknown_value");
            if (!MayFill(actor, definition, known.Name))
                throw new InvalidException(field, "field.read_only", known.Name);
            if (text.Length > 20_000)
                throw new InvalidException(field, "too_long", 20_000);
            if (Canonical(known.Kind, Text.OrNull(text), habits ?? new SheetHabits()) is { Length: > 0 } canonical)
                next[known.Name] = canonical;
            else
                next.Remove(known.Name);
        }
        var corrected = row with { Values = next, Key = Cut(definition.KeyOf(next)) };
        var judged = definition.KeyRepeats ? await JudgeTogetherAsync(import, definition, [corrected], [row.Key], actor, ct) : [await JudgeOneAsync(import, definition, corrected, actor, ct)];
        await KeepAsync(import, judged, ct);
        return judged.First(r => r.Number == number);
    }

    /// <summary>What the wrong rows name that isn't there and could be made, with how many rows wait for it.</summary>
    public async Task<IReadOnlyList<ImportMissing>> MissingAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        var fields = Definition(import.Entity).Makes.Where(m => rights.Allows(actor, m.Permission)).Select(m => m.Field).ToHashSet();
        var found = new Dictionary<(string Field, string Key), ImportMissing>();
        for (var (after, looked) = (0, 0); fields.Count > 0 && looked < MostLooked; looked += 1_000)
        {
            var rows = await imports.RowsAsync(id, [ImportRowStatus.Wrong], after, 1_000, ct);
            foreach (var row in rows)
                foreach (var fault in row.Faults.Where(f => f.Why.Code == "import.unknown" && fields.Contains(f.Field)))
                    if (row.Values.GetValueOrDefault(fault.Field) is { Length: > 0 } text)
                        found[(fault.Field, Text.Key(text))] = found.TryGetValue((fault.Field, Text.Key(text)), out var known) ? known with { Rows = known.Rows + 1 } : new ImportMissing(fault.Field, text, 1);
            if (rows.Count < 1_000)
                break;
            after = rows[^1].Number;
        }
        return [.. found.Values.OrderBy(m => m.Field, StringComparer.Ordinal).ThenByDescending(m => m.Rows).ThenBy(m => m.Text, StringComparer.Ordinal)];
    }

    /// <summary>Makes some of <see cref="MissingAsync"/> and judges the rows that waited for them again.</summary>
    /// <exception cref="RuleException">import.not_now.</exception>
    public async Task MakeAsync(Actor actor, long id, string field, IReadOnlyCollection<string> texts, IReadOnlyDictionary<string, string> answers, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        if (!import.CanApply)
            throw new RuleException("import.not_now", import.Status);
        var definition = Definition(import.Entity);
        var make = definition.Makes.FirstOrDefault(m => m.Field.Equals(field, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidException(nameof(field), "unknown_value");
        rights.Demand(actor, make.Permission);
        var (wanted, made) = (texts.Select(Text.Key).ToHashSet(), new HashSet<string>());
        for (var after = 0; ;)
        {
            var rows = await imports.RowsAsync(id, [ImportRowStatus.Wrong], after, 1_000, ct);
            var waiting = rows.Where(r => r.Faults.Any(f => f.Field == make.Field && f.Why.Code == "import.unknown") && wanted.Contains(Text.Key(r.Values.GetValueOrDefault(make.Field)))).ToList();
            foreach (var row in waiting)
                if (made.Add(Text.Key(row.Values[make.Field])))
                    await make.Make(actor with { Channel = Channel.Import }, row.Values, answers, ct);
            if (waiting.Count > 0)
                await KeepAsync(import, await AgainAsync(import, definition, waiting, actor, ct), ct);
            if (rows.Count < 1_000)
                break;
            after = rows[^1].Number;
        }
        if (made.Count == 0)
            throw new NotFoundException("import_row", string.Join(", ", texts));
    }

    /// <summary>Writes what is new or changed, in the background; wrong rows stay behind.</summary>
    /// <exception cref="RuleException">import.nothing_to_apply, import.not_now.</exception>
    public async Task<Import> ApplyAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        if (!import.CanApply)
            throw new RuleException("import.not_now", import.Status);
        if (import.Version != version)
            throw new ConflictException("changed_meanwhile");
        if (import.Open == 0)
            throw new RuleException("import.nothing_to_apply");
        return await MoveAsync(actor, import with { Status = ImportStatus.Applying }, import.Rows, ct);
    }

    /// <summary>Stops reading or applying after the present rows; what is stored stays, and applying can go on later.</summary>
    public async Task<Import> CancelAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var import = await GetAsync(actor, id, ct);
        if (import.Status is ImportStatus.Done or ImportStatus.Cancelled or ImportStatus.Failed)
            return import;
        await db.InTransactionAsync(async tx =>
        {
            if (await imports.MoveAsync(tx, id, import.Status, ImportStatus.Cancelled) == 0)
                return;
            audit.Write(tx, actor, "import.cancel", "import", id);
            tx.Raise(new ImportChanged(id, import.Entity));
        }, ct);
        return await GetAsync(actor, id, ct);
    }

    /// <summary>A cell's text as rows keep it: one way of writing where it could be read, as it stands where not.</summary>
    internal static string? Canonical(ImportKind kind, object? cell, SheetHabits habits) => cell is null ? null : kind switch
    {
        ImportKind.Number => ImportText.Shown(SheetValues.Number(cell, habits) is { } n && Math.Abs(n) < 1_000_000_000_000_000m ? n : null),
        ImportKind.Day => ImportText.Shown(SheetValues.Day(cell, habits)),
        ImportKind.YesNo => SheetValues.YesNo(cell) is { } yes ? ImportText.Shown(yes) : null,
        _ => null,
    } ?? SheetValues.Shown(cell);

    internal static Fault Crowded(IImportDefinition definition) => new(definition.Fields[0].Name, new Refusal("import.too_many_of_one", MostOfOne));

    internal static string Cut(string key) => key.Length > 170 ? key[..170] : key;

    private async Task<ImportRow> JudgeOneAsync(Import import, IImportDefinition definition, ImportRow row, Actor actor, CancellationToken ct)
    {
        if (row.Key.Length == 0)
            return row with { Status = ImportRowStatus.Wrong, Changes = [], Faults = [new Fault(definition.Fields[0].Name, new Refusal("required"))] };
        if (!definition.KeyRepeats && await imports.OtherRowAsync(import.Id, row.Key, row.Number, ct) is { } other)
            return row with { Status = ImportRowStatus.Wrong, Changes = [], Faults = [new Fault(definition.Fields[0].Name, new Refusal("import.twice", other))] };
        var target = await definition.OpenAsync(actor with { Channel = Channel.Import }, ct);
        return Judged(row, (await target.JudgeAsync([row], ct))[0]);
    }

    private async Task<IReadOnlyList<ImportRow>> AgainAsync(Import import, IImportDefinition definition, IReadOnlyList<ImportRow> rows, Actor actor, CancellationToken ct)
    {
        if (definition.KeyRepeats)
            return await JudgeTogetherAsync(import, definition, [], rows.Select(r => r.Key), actor, ct);
        var verdicts = await (await definition.OpenAsync(actor with { Channel = Channel.Import }, ct)).JudgeAsync(rows, ct);
        return [.. rows.Select((r, i) => Judged(r, verdicts[i]))];
    }

    /// <summary>The rows that share a key with a corrected one, under its old key and its new one: what they make together is judged again. Stored ones stay.</summary>
    private async Task<IReadOnlyList<ImportRow>> JudgeTogetherAsync(Import import, IImportDefinition definition, IReadOnlyList<ImportRow> corrected, IEnumerable<string> keys, Actor actor, CancellationToken ct)
    {
        var wanted = keys.Concat(corrected.Select(c => c.Key)).Distinct().ToList();
        var crowded = await imports.CrowdedAsync(import.Id, wanted, MostOfOne, ct);
        var refused = corrected.Where(c => crowded.Contains(c.Key)).Select(c => c with { Status = ImportRowStatus.Wrong, Changes = [], Faults = [Crowded(definition)] }).ToList();
        corrected = [.. corrected.Where(c => !crowded.Contains(c.Key))];
        var others = await imports.RowsOfAsync(import.Id, [.. wanted.Except(crowded)], ct);
        var all = others.Where(r => corrected.All(c => c.Number != r.Number)).Concat(corrected).OrderBy(r => r.Key, StringComparer.Ordinal).ThenBy(r => r.Number).ToList();
        var verdicts = await (await definition.OpenAsync(actor with { Channel = Channel.Import }, ct)).JudgeAsync(all, ct);
        return [.. refused, .. all.Select((r, i) => Judged(r, verdicts[i])).Where((_, i) => all[i].Status != ImportRowStatus.Done)];
    }

    private static ImportRow Judged(ImportRow row, ImportVerdict verdict) => row with { Status = verdict.Status, Changes = verdict.Changes, Faults = verdict.Faults };

    private Task KeepAsync(Import import, IReadOnlyList<ImportRow> rows, CancellationToken ct) => db.InTransactionAsync(async tx =>
    {
        await imports.UpdateRowsAsync(tx, import.Id, rows);
        tx.Raise(new ImportChanged(import.Id, import.Entity));
    }, ct);

    private async Task<Import> MoveAsync(Actor actor, Import import, IReadOnlyDictionary<ImportRowStatus, int>? counts, CancellationToken ct)
    {
        var layout = ImportProbe.Layout(import.Shape);
        await db.InTransactionAsync(async tx =>
        {
            if (import.Status == ImportStatus.Checking)
                await imports.RememberAsync(tx, import.Entity, layout, import.Mapping);
            imports.Update(tx, import with { Owner = actor.Name }, actor, layout);
            if (import.Status == ImportStatus.Applying)
                audit.Write(tx, actor, "import.apply", "import", import.Id, counts!.ToDictionary(c => c.Key.ToString(), c => new object?[] { null, c.Value }));
            tx.Raise(new ImportChanged(import.Id, import.Entity));
        }, ct);
        return (await imports.FindAsync(import.Id, ct))!;
    }

    private async Task<IReadOnlyDictionary<string, int>> SuggestAsync(Actor actor, IImportDefinition definition, ImportShape shape, CancellationToken ct)
    {
        var names = definition.Fields.Where(f => MayFill(actor, definition, f.Name)).Select(f => f.Name).ToHashSet();
        var remembered = await imports.LayoutAsync(definition.Entity, ImportProbe.Layout(shape), ct);
        return remembered?.Where(m => names.Contains(m.Key) && m.Value < shape.Columns.Count).ToDictionary(m => m.Key, m => m.Value) ?? ImportProbe.Mapping(shape, definition).Where(m => names.Contains(m.Key)).ToDictionary(m => m.Key, m => m.Value);
    }

    private Task<ImportShape> ShapeAsync(string path, IImportDefinition definition, string? tab, int? headerRow, CancellationToken ct) => Task.Run(() =>
    {
        using var file = SheetFile.Open(path, files.Cache);
        return ImportProbe.Shape(file, definition, tab, headerRow);
    }, ct);

    private async Task<string> FileAsync(long id, CancellationToken ct) =>
        await imports.HashAsync(id, ct) is var hash && files.Has(hash) ? files.PathOf(hash) : throw new RuleException("import.file_gone");

    private static void Allow(Import import, int version, params ImportStatus[] statuses)
    {
        if (!statuses.Contains(import.Status))
            throw new RuleException("import.not_now", import.Status);
        if (import.Version != version)
            throw new ConflictException("changed_meanwhile");
    }

    /// <summary>The key says which record a row is of, so it may always be there; the record's service refuses to change it.</summary>
    private bool MayFill(Actor actor, IImportDefinition definition, string field) => field == definition.Fields[0].Name || fields.MayFill(actor, definition.EntityOf(field), field);

    private bool SeesAll(Actor actor, IImportDefinition definition) => rights.Allows(actor, definition.Permission);

    private static ImportRowStatus[] Meant(ImportRowStatus? status) => status switch
    {
        null => [],
        ImportRowStatus.Wrong => [ImportRowStatus.Wrong, ImportRowStatus.Failed],
        var one => [one.Value],
    };

    private static string Name(Actor actor) => actor.UserId is { } user ? $"u:{user}" : $"e:{actor.EmployeeId}";

    private IImportDefinition Demand(Actor actor, string entity)
    {
        var definition = Definition(entity);
        rights.DemandDepartments(actor, definition.Permission);
        return definition;
    }
}
