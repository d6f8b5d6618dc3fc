using System.Globalization;
using Pms.Core.Audit;
using Pms.Core.Sheets;

namespace Pms.Core.Imports;

/// <summary>How a field is read from a cell.</summary>
public enum ImportKind { Text, Number, Day, YesNo }

/// <summary>A field of an entity that a file may fill; the synonyms are what people write above such a column, in any language.</summary>
public sealed record ImportField(string Name, ImportKind Kind, bool Needed, params string[] Synonyms);

/// <summary>
/// What one entity brings so that files of it can be imported; everything else is the engine's. The rows are written through the entity's
/// own service, so that rights, validation and audit are the same as on its page.
/// </summary>
public interface IImportDefinition
{
    /// <summary>The audit's name of it.</summary>
    string Entity { get; }

    /// <summary>Needed somewhere to import at all; each row asks for it in its own department again.</summary>
    string Permission { get; }

    /// <summary>In the order they are set on the record; the first one is the key by which a record is known.</summary>
    IReadOnlyList<ImportField> Fields { get; }

    /// <summary>True where several rows with one key make one record (the items of an order); they are then judged together.</summary>
    bool KeyRepeats => false;

    /// <summary>Fields that a row is shown by, beside its key.</summary>
    IReadOnlyList<string> Headline => ["Name"];

    /// <summary>The entity whose field rules hold a field, where the rows fill more than one.</summary>
    string EntityOf(string field) => Entity;

    /// <summary>By which a row's record is known; the folded key field where nothing else is said.</summary>
    string KeyOf(IReadOnlyDictionary<string, string> values) => Text.Key(values.GetValueOrDefault(Fields[0].Name));

    /// <summary>What rows name and a person may have made from the preview.</summary>
    IReadOnlyList<ImportMake> Makes => [];

    /// <summary>Reads once what rows refer to.</summary>
    Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct);
}

/// <summary>A record that a row names and that isn't there: offered for making to who holds the permission.</summary>
/// <param name="Field">The field that names it; its fault is import.unknown.</param>
/// <param name="Asks">What a person says besides.</param>
/// <param name="Make">Makes it from a row's values and the answers, through its own service.</param>
public sealed record ImportMake(string Field, string Permission, IReadOnlyList<ImportAsk> Asks, Func<Actor, IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>, CancellationToken, Task> Make);

/// <summary>Something asked for making a record, with what others have there.</summary>
public sealed record ImportAsk(string Name, Func<Actor, CancellationToken, Task<IReadOnlyList<string>>> Offers);

/// <summary>What some wrong rows name and that isn't there.</summary>
public sealed record ImportMissing(string Field, string Text, int Rows);

/// <summary>Judges rows against what is stored, and stores them; one run of an import.</summary>
public interface IImportTarget
{
    /// <summary>What storing each row would change.</summary>
    Task<IReadOnlyList<ImportVerdict>> JudgeAsync(IReadOnlyList<ImportRow> rows, CancellationToken ct);

    /// <summary>Stores what is new or changed, each record whole or not at all; judged again first, so a repeat stores nothing twice. The engine calls it in a batch of the database.</summary>
    /// <param name="together">Records may share a transaction; else each has its own, because the database took the batch back.</param>
    Task<IReadOnlyList<ImportVerdict>> StoreAsync(IReadOnlyList<ImportRow> rows, bool together, CancellationToken ct);
}

/// <summary>What a row would do, or (Done, Failed) did.</summary>
public sealed record ImportVerdict(ImportRowStatus Status, IReadOnlyList<ImportChange> Changes, IReadOnlyList<Fault> Faults)
{
    public static ImportVerdict Wrong(IReadOnlyList<Fault> faults) => new(ImportRowStatus.Wrong, [], faults);
}

/// <summary>How one field of a record is shown and set. Setting refuses a text by <see cref="InvalidException"/>.</summary>
/// <param name="Property">The property that the entity's validator blames for it; the field's own name where none is given.</param>
public sealed record ImportColumn<T>(string Field, Func<T, string?> Show, Func<T, string, T> Set, string? Property = null);

/// <summary>The target of entities with one row for each record. An empty cell changes nothing.</summary>
public sealed class ImportTarget<T> : IImportTarget where T : class, IVersioned
{
    private const int Tries = 3;

    public required IReadOnlyList<ImportColumn<T>> Columns { get; init; }

    /// <summary>The stored records by folded key.</summary>
    public required Func<IReadOnlyCollection<string>, CancellationToken, Task<IReadOnlyDictionary<string, T>>> Find { get; init; }
    public required Func<T> Blank { get; init; }
    public required Func<T, IReadOnlyList<Fault>> Validate { get; init; }

    /// <summary>Refuses by exception who may not store this record.</summary>
    public required Action<T> Demand { get; init; }
    public required Func<T, CancellationToken, Task> Save { get; init; }

    public async Task<IReadOnlyList<ImportVerdict>> JudgeAsync(IReadOnlyList<ImportRow> rows, CancellationToken ct)
    {
        var stored = await Find([.. rows.Select(r => r.Key).Distinct()], ct);
        return [.. rows.Select(r => Judge(r, stored.GetValueOrDefault(r.Key)).Verdict)];
    }

    public async Task<IReadOnlyList<ImportVerdict>> StoreAsync(IReadOnlyList<ImportRow> rows, bool together, CancellationToken ct)
    {
        var stored = await Find([.. rows.Select(r => r.Key).Distinct()], ct);
        var verdicts = new List<ImportVerdict>(rows.Count);
        foreach (var row in rows)
            verdicts.Add(await StoreAsync(row, stored.GetValueOrDefault(row.Key), ct));
        return verdicts;
    }

    private async Task<ImportVerdict> StoreAsync(ImportRow row, T? before, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (verdict, after) = Judge(row, before);
            if (verdict.Status == ImportRowStatus.Wrong)
                return verdict with { Status = ImportRowStatus.Failed };
            if (verdict.Status == ImportRowStatus.Unchanged)
                return verdict with { Status = ImportRowStatus.Done };
            try
            {
                await Save(after!, ct);
                return verdict with { Status = ImportRowStatus.Done };
            }
            catch (PmsException refused) when (refused is not (BusyException or OutcomeUnknownException))
            {
                // Somebody, or the same file imported twice at once, may have been faster: what is stored now decides again.
                before = (await Find([row.Key], ct)).GetValueOrDefault(row.Key);
                if (attempt >= Tries || refused is not (ConflictException or NotFoundException or InvalidException))
                    return new ImportVerdict(ImportRowStatus.Failed, verdict.Changes, Faults(refused));
            }
        }
    }

    private (ImportVerdict Verdict, T? After) Judge(ImportRow row, T? before)
    {
        var faults = new List<Fault>();
        var start = before ?? Blank();
        var after = start;
        foreach (var column in Columns)
        {
            if (!row.Values.TryGetValue(column.Field, out var text) || text.Length == 0)
                continue;
            try { after = column.Set(after, text); }
            catch (InvalidException e) { faults.AddRange(e.Faults.Select(f => f with { Field = column.Field })); }
        }
        if (faults.Count == 0)
            faults.AddRange(Validate(after).Select(f => f with { Field = FieldOf(f.Field) }));
        if (faults.Count == 0)
        {
            try
            {
                Demand(after);
                if (before is not null)
                    Demand(before);
            }
            catch (ForbiddenException e) { faults.AddRange(Faults(e)); }
        }
        if (faults.Count > 0)
            return (ImportVerdict.Wrong(faults), null);
        var changes = Columns.Select(c => new ImportChange(c.Field, before is null ? "" : c.Show(start) ?? "", c.Show(after) ?? "")).Where(c => c.Before != c.After).ToList();
        return (new ImportVerdict(before is null ? ImportRowStatus.New : changes.Count == 0 ? ImportRowStatus.Unchanged : ImportRowStatus.Changed, changes, []), after);
    }

    private List<Fault> Faults(PmsException refused) => refused is InvalidException invalid
        ? [.. invalid.Faults.Select(f => f with { Field = FieldOf(f.Field) })] : [new Fault("", new Refusal(refused.Code, [.. refused.Args]))];

    private string FieldOf(string property)
    {
        var first = property.Split('.', '[')[0];
        return Columns.FirstOrDefault(c => (c.Property ?? c.Field) == first)?.Field ?? first;
    }
}

/// <summary>Reads the texts of a row into values, or refuses them by name.</summary>
public static class ImportText
{
    private static readonly SheetHabits Plain = new();

    /// <summary>As rows keep it, or as a person types it.</summary>
    public static decimal Number(string text) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var plain) ? plain : SheetValues.Number(text, Plain) ?? throw new InvalidException("", "import.not_a_number", text);

    public static int Whole(string text) => Number(text) is var n && decimal.Truncate(n) == n && Math.Abs(n) < 1_000_000_000 ? (int)n : throw new InvalidException("", "import.not_whole", text);

    /// <inheritdoc cref="Number"/>
    public static DateOnly Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var plain) && plain.Year is >= 1950 and < 2200 ? plain : SheetValues.Day(text, Plain) ?? throw new InvalidException("", "import.not_a_day", text);

    public static bool YesNo(string text) => SheetValues.YesNo(text) ?? throw new InvalidException("", "import.not_yes_no", text);

    /// <summary>By its name, or by a word for it.</summary>
    public static TEnum Choice<TEnum>(string text, params (string Word, TEnum Value)[] words) where TEnum : struct, Enum
    {
        var key = Squeezed(text);
        if (Named<TEnum>.ByName.TryGetValue(key, out var named))
            return named;
        foreach (var (word, value) in words)
            if (Squeezed(word) == key)
                return value;
        throw new InvalidException("", "import.not_one_of", text, string.Join(", ", Enum.GetNames<TEnum>()));
    }

    private static class Named<TEnum> where TEnum : struct, Enum
    {
        public static readonly IReadOnlyDictionary<string, TEnum> ByName = Enum.GetValues<TEnum>().DistinctBy(v => Squeezed(v.ToString())).ToDictionary(v => Squeezed(v.ToString()));
    }

    /// <summary>Several names in one cell, by comma, semicolon, bar or line.</summary>
    public static IEnumerable<string> Several(string text) => text.Split([',', ';', '|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static string? Shown(decimal? number) => number?.ToString("0.######", CultureInfo.InvariantCulture);

    public static string? Shown(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Shown(bool yes) => yes ? "true" : "false";

    /// <summary>Letters and digits only, folded: what headings and words are compared by.</summary>
    public static string Squeezed(string? text) => string.Concat(Text.Key(text).Where(char.IsLetterOrDigit));
}

/// <summary>Finds records by any of their names; a name of two is refused, not guessed.</summary>
public sealed class ImportLookup
{
    private readonly Dictionary<string, HashSet<long>> byName = [];

    public ImportLookup Add(long id, params string?[] names)
    {
        foreach (var key in names.Select(Text.Key).Where(k => k.Length > 0))
            (byName.TryGetValue(key, out var ids) ? ids : byName[key] = []).Add(id);
        return this;
    }

    public long? Find(string text) => byName.GetValueOrDefault(Text.Key(text)) is { Count: 1 } one ? one.First() : null;

    /// <exception cref="InvalidException">import.unknown, import.ambiguous.</exception>
    public long Get(string text) => byName.GetValueOrDefault(Text.Key(text)) switch
    {
        null => throw new InvalidException("", "import.unknown", text),
        { Count: 1 } one => one.First(),
        _ => throw new InvalidException("", "import.ambiguous", text),
    };
}
