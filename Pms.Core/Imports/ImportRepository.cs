using System.Globalization;
using System.Text.Json;
using Pms.Core.Data;

namespace Pms.Core.Imports;

/// <summary>Writes imports, their rows and the remembered mappings, and reads them.</summary>
public sealed class ImportRepository(Db db, PlantClock clock)
{
    private const string Select = "SELECT id, entity, status, owner, by_whom, file_name, size, shape, mapping, rows_read, error, at, changed_at, version FROM imports";
    private const string SelectRow = "SELECT row_no AS number, row_key, status, cells, changes, faults FROM import_rows";

    public async Task<Import?> FindAsync(long id, CancellationToken ct = default)
    {
        var import = await db.FindAsync<Stored>(Select + " WHERE id = @id", new { id }, ct);
        return import is null ? null : import.ToImport(await CountsAsync(id, ct));
    }

    /// <summary>The latest 20 of one entity, of one person or of all, without their rows' counts.</summary>
    public async Task<IReadOnlyList<Import>> ListAsync(string entity, string? byWhom, CancellationToken ct = default) =>
        [.. (await db.ListAsync<Stored>(Select + " WHERE entity = @entity AND (@byWhom IS NULL OR by_whom = @byWhom) ORDER BY id DESC LIMIT 20", new { entity, byWhom }, ct)).Select(s => s.ToImport(new Dictionary<ImportRowStatus, int>()))];

    /// <summary>What waits for or is in the hands of the background.</summary>
    public async Task<IReadOnlyList<Import>> WorkingAsync(CancellationToken ct = default) =>
        [.. (await db.ListAsync<Stored>(Select + " WHERE status IN ('Checking', 'Applying') ORDER BY id LIMIT 20", ct: ct)).Select(s => s.ToImport(new Dictionary<ImportRowStatus, int>()))];

    public Task<bool> AnyWorkingAsync(CancellationToken ct = default) => db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM imports WHERE status IN ('Checking', 'Applying'))", ct: ct);

    public async Task<string> HashAsync(long id, CancellationToken ct = default) => await db.ScalarAsync<string>("SELECT file_hash FROM imports WHERE id = @id", new { id }, ct) ?? "";

    public async Task<ImportActor> ActorAsync(long id, CancellationToken ct = default) =>
        Read<ImportActor>(await db.ScalarAsync<string>("SELECT actor FROM imports WHERE id = @id", new { id }, ct))!;

    public Task<bool> UsesFileAsync(string hash, CancellationToken ct = default) => db.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM imports WHERE file_hash = @hash)", new { hash }, ct);

    public Task<long> InsertAsync(Tx tx, Import i, Actor actor, string hash, string layout) => tx.InsertAsync(
        """
        INSERT INTO imports (entity, status, owner, by_whom, actor, file_name, file_hash, size, layout, shape, mapping, at, changed_at)
        VALUES (@Entity, @Status, @Owner, @ByWhom, @actor, @FileName, @hash, @Size, @layout, @Shape, @Mapping, @now, @now)
        """, new { i.Entity, Status = i.Status.ToString(), i.Owner, i.ByWhom, actor = Json(ImportActor.Of(actor)), i.FileName, hash, i.Size, layout, Shape = Json(i.Shape), Mapping = Json(i.Mapping), now = clock.Now });

    /// <summary>Moves it on from the version that was read; who acts is who its background acts for from now on.</summary>
    public void Update(Tx tx, Import i, Actor actor, string layout) => tx.Add(
        """
        UPDATE imports SET status = @Status, owner = @Owner, actor = @actor, layout = @layout, shape = @Shape, mapping = @Mapping, error = NULL, changed_at = @now, version = version + 1
        WHERE id = @Id AND version = @Version
        """, new { i.Id, i.Version, Status = i.Status.ToString(), i.Owner, actor = Json(ImportActor.Of(actor)), layout, Shape = Json(i.Shape), Mapping = Json(i.Mapping), now = clock.Now });

    /// <summary>Ends what the background did, unless a person ended it meanwhile.</summary>
    public Task<int> MoveAsync(Tx tx, long id, ImportStatus from, ImportStatus to, Refusal? error = null) => tx.ExecuteAsync(
        "UPDATE imports SET status = @to, error = @error, changed_at = @now, version = version + 1 WHERE id = @id AND status = @from",
        new { id, from = from.ToString(), to = to.ToString(), error = error is null ? null : Json(ImportRefusal.Of(error)), now = clock.Now });

    /// <summary>False when a person ended it meanwhile.</summary>
    public async Task<bool> BeatAsync(Tx tx, long id, ImportStatus status, int rowsRead) => await tx.ExecuteAsync(
        "UPDATE imports SET rows_read = @rowsRead, changed_at = @now WHERE id = @id AND status = @status", new { id, status = status.ToString(), rowsRead, now = clock.Now }) == 1;

    /// <summary>Some rows of it; the number taken away.</summary>
    public Task<int> ClearAsync(long id, int upTo, CancellationToken ct = default) =>
        db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM import_rows WHERE import_id = @id AND row_no <= @upTo", new { id, upTo }), ct);

    public Task<int> LastRowAsync(long id, CancellationToken ct = default) => db.ScalarAsync<int>("SELECT COALESCE(MAX(row_no), 0) FROM import_rows WHERE import_id = @id", new { id }, ct);

    public Task InsertRowsAsync(Tx tx, long id, IEnumerable<ImportRow> rows) => tx.BulkAsync(
        "INSERT INTO import_rows (import_id, row_no, row_key, status, cells, changes, faults) VALUES (@id, @Number, @Key, @Status, @Cells, @Changes, @Faults)", rows.Select(r => (object)Args(id, r)));

    public Task UpdateRowsAsync(Tx tx, long id, IEnumerable<ImportRow> rows) => tx.BulkAsync(
        "UPDATE import_rows SET status = @Status, row_key = @Key, cells = @Cells, changes = @Changes, faults = @Faults WHERE import_id = @id AND row_no = @Number", rows.Select(r => (object)Args(id, r)));

    /// <summary>Gives rows their status and leaves all else of them.</summary>
    public async Task MarkRowsAsync(Tx tx, long id, ImportRowStatus status, IReadOnlyList<int> numbers)
    {
        foreach (var some in numbers.Chunk(500))
            await tx.ExecuteAsync("UPDATE import_rows SET status = @status WHERE import_id = @id AND row_no IN @some", new { id, status = status.ToString(), some });
    }

    public async Task<ImportRow?> FindRowAsync(long id, int number, CancellationToken ct = default) =>
        (await db.FindAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND row_no = @number", new { id, number }, ct))?.ToRow();

    /// <summary>The next rows after one, of these statuses (none: of all), in the file's order.</summary>
    public async Task<IReadOnlyList<ImportRow>> RowsAsync(long id, IReadOnlyCollection<ImportRowStatus> statuses, int after, int limit, CancellationToken ct = default) => statuses.Count == 0
        ? [.. (await db.ListAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND row_no > @after ORDER BY row_no LIMIT @limit", new { id, after, limit }, ct)).Select(r => r.ToRow())]
        : [.. (await db.ListAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND status IN @names AND row_no > @after ORDER BY row_no LIMIT @limit", new { id, names = Names(statuses), after, limit }, ct)).Select(r => r.ToRow())];

    /// <summary>How many rows of these statuses (none: of all) stand up to one, and the row behind which the <paramref name="size"/> of them before it begin.</summary>
    public async Task<(int Count, int Previous)> PlaceAsync(long id, IReadOnlyCollection<ImportRowStatus> statuses, int upTo, int size, CancellationToken ct = default)
    {
        var args = new { id, all = statuses.Count == 0 ? 1 : 0, names = Names(statuses.Count == 0 ? Enum.GetValues<ImportRowStatus>() : statuses), upTo, size };
        return await db.ManyAsync(
            "SELECT COUNT(*) FROM import_rows WHERE import_id = @id AND row_no <= @upTo AND (@all = 1 OR status IN @names); " +
            "SELECT row_no FROM import_rows WHERE import_id = @id AND row_no <= @upTo AND (@all = 1 OR status IN @names) ORDER BY row_no DESC LIMIT 1 OFFSET @size", args,
            async grids => (await grids.ReadSingleAsync<int>(), await grids.ReadFirstOrDefaultAsync<int>()), ct);
    }

    /// <summary>The first row of these statuses; 0 where there is none.</summary>
    public Task<int> FirstRowAsync(long id, IReadOnlyCollection<ImportRowStatus> statuses, CancellationToken ct = default) =>
        db.ScalarAsync<int>("SELECT COALESCE(MIN(row_no), 0) FROM import_rows WHERE import_id = @id AND status IN @names", new { id, names = Names(statuses) }, ct);

    /// <summary>The next rows by key from one on, all of the last key with them, so that a record's rows come together.</summary>
    public async Task<IReadOnlyList<ImportRow>> RowsByKeyAsync(long id, IReadOnlyCollection<ImportRowStatus> statuses, string from, int limit, CancellationToken ct = default)
    {
        var names = Names(statuses);
        var first = (await db.ListAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND row_key >= @from AND status IN @names ORDER BY row_key, row_no LIMIT @limit", new { id, names, from, limit }, ct)).Select(r => r.ToRow()).ToList();
        if (first.Count == limit)
            first.AddRange((await db.ListAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND row_key = @key AND row_no > @last AND status IN @names ORDER BY row_no",
                new { id, names, key = first[^1].Key, last = first[^1].Number }, ct)).Select(r => r.ToRow()));
        return first;
    }

    /// <summary>All rows of these keys by key, whatever became of them.</summary>
    public async Task<IReadOnlyList<ImportRow>> RowsOfAsync(long id, IReadOnlyCollection<string> keys, CancellationToken ct = default) =>
        [.. (await db.ListAsync<StoredRow>(SelectRow + " WHERE import_id = @id AND row_key IN @keys ORDER BY row_key, row_no", new { id, keys }, ct)).Select(r => r.ToRow())];

    /// <summary>Keys that more rows have than one record could be made of.</summary>
    public Task<IReadOnlyList<string>> CrowdedAsync(long id, int most, CancellationToken ct = default) =>
        db.ListAsync<string>("SELECT row_key FROM import_rows WHERE import_id = @id AND row_key <> '' GROUP BY row_key HAVING COUNT(*) > @most", new { id, most }, ct);

    /// <summary>Of these keys, those that more rows have than one record could be made of.</summary>
    public Task<IReadOnlyList<string>> CrowdedAsync(long id, IReadOnlyCollection<string> keys, int most, CancellationToken ct = default) =>
        db.ListAsync<string>("SELECT row_key FROM import_rows WHERE import_id = @id AND row_key <> '' AND row_key IN @keys GROUP BY row_key HAVING COUNT(*) > @most", new { id, keys, most }, ct);

    /// <summary>Refuses all rows of a key behind one, some at a time; the last of them, 0 where none is left.</summary>
    public async Task<int> RefuseAsync(Tx tx, long id, string key, Fault why, int after)
    {
        var args = new { id, key, after, faults = Json(new[] { ImportFault.Of(why) }) };
        var last = (await tx.ListAsync<int>("SELECT row_no FROM import_rows WHERE import_id = @id AND row_key = @key AND row_no > @after ORDER BY row_no LIMIT 2000", args)).LastOrDefault();
        await tx.ExecuteAsync("UPDATE import_rows SET status = 'Wrong', changes = NULL, faults = @faults WHERE import_id = @id AND row_key = @key AND row_no > @after AND row_no <= @last", new { args.id, args.key, args.after, args.faults, last });
        return last;
    }

    /// <summary>Of these keys, those that rows have already, with the first of them.</summary>
    public async Task<Dictionary<string, int>> SeenAsync(long id, IReadOnlyCollection<string> keys, CancellationToken ct = default) => keys.Count == 0 ? [] :
        (await db.ListAsync<Seen>("SELECT row_key, MIN(row_no) AS row_no FROM import_rows WHERE import_id = @id AND row_key IN @keys GROUP BY row_key", new { id, keys }, ct)).ToDictionary(s => s.RowKey, s => s.RowNo, StringComparer.Ordinal);

    /// <summary>The first other row with that key.</summary>
    public async Task<int?> OtherRowAsync(long id, string key, int number, CancellationToken ct = default) => (int?)await db.ScalarAsync<long?>(
        "SELECT MIN(row_no) FROM import_rows WHERE import_id = @id AND row_key = @key AND row_no <> @number AND status <> 'Wrong'", new { id, key, number }, ct);

    public async Task<IReadOnlyDictionary<string, int>?> LayoutAsync(string entity, string layout, CancellationToken ct = default) =>
        Read<Dictionary<string, int>>(await db.ScalarAsync<string>("SELECT mapping FROM import_layouts WHERE entity = @entity AND layout = @layout", new { entity, layout }, ct));

    public async Task RememberAsync(Tx tx, string entity, string layout, IReadOnlyDictionary<string, int> mapping)
    {
        var args = new { entity, layout, mapping = Json(mapping), now = clock.Now };
        await tx.ExecuteAsync("DELETE FROM import_layouts WHERE entity = @entity AND layout = @layout", args);
        tx.Add("INSERT INTO import_layouts (entity, layout, mapping, at) VALUES (@entity, @layout, @mapping, @now)", args, raced: "import_layouts");
    }

    /// <summary>Imports that nobody touched since, ten at a time; without their rows.</summary>
    public Task<IReadOnlyList<long>> OldAsync(DateTimeOffset before, CancellationToken ct = default) =>
        db.ListAsync<long>("SELECT id FROM imports WHERE changed_at < @before AND status NOT IN ('Checking', 'Applying') ORDER BY id LIMIT 10", new { before }, ct);

    public Task DeleteAsync(long id, CancellationToken ct = default) => db.InTransactionAsync(tx => tx.ExecuteAsync("DELETE FROM imports WHERE id = @id", new { id }), ct);

    private async Task<Dictionary<ImportRowStatus, int>> CountsAsync(long id, CancellationToken ct) =>
        (await db.ListAsync<Counted>("SELECT status, COUNT(*) AS n FROM import_rows WHERE import_id = @id GROUP BY status", new { id }, ct)).ToDictionary(c => c.Status, c => c.N);

    private static RowArgs Args(long id, ImportRow r) => new(id, r.Number, r.Key, r.Status, ImportPack.Of(r.Values), ImportPack.Of(r.Changes, r.Values), r.Faults.Count == 0 ? null : Json(r.Faults.Select(f => ImportFault.Of(f))));

    private static string[] Names(IEnumerable<ImportRowStatus> statuses) => [.. statuses.Select(s => s.ToString())];

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);

    private static T? Read<T>(string? json) => json is null ? default : JsonSerializer.Deserialize<T>(json);

    private sealed class RowArgs(long importId, int number, string key, ImportRowStatus status, string cells, string? changes, string? faults)
    {
        public long id => importId;
        public int Number => number;
        public string Key => key;
        public string Status => status.ToString();
        public string Cells => cells;
        public string? Changes => changes;
        public string? Faults => faults;
    }

    private sealed record Seen
    {
        public string RowKey { get; init; } = "";
        public int RowNo { get; init; }
    }

    private sealed record Counted
    {
        public ImportRowStatus Status { get; init; }
        public int N { get; init; }
    }

    private sealed record Stored
    {
        public long Id { get; init; }
        public string Entity { get; init; } = "";
        public ImportStatus Status { get; init; }
        public string Owner { get; init; } = "";
        public string ByWhom { get; init; } = "";
        public string FileName { get; init; } = "";
        public long Size { get; init; }
        public string Shape { get; init; } = "{}";
        public string Mapping { get; init; } = "{}";
        public int RowsRead { get; init; }
        public string? Error { get; init; }
        public DateTimeOffset At { get; init; }
        public DateTimeOffset ChangedAt { get; init; }
        public int Version { get; init; }

        public Import ToImport(IReadOnlyDictionary<ImportRowStatus, int> rows) => new()
        {
            Id = Id, Entity = Entity, Status = Status, Owner = Owner, ByWhom = ByWhom, FileName = FileName, Size = Size, Shape = Read<ImportShape>(Shape)!, Mapping = Read<Dictionary<string, int>>(Mapping)!,
            RowsRead = RowsRead, Rows = rows, Error = Read<ImportRefusal>(Error)?.ToRefusal(), At = At, ChangedAt = ChangedAt, Version = Version,
        };
    }

    private sealed record StoredRow
    {
        public int Number { get; init; }
        public string RowKey { get; init; } = "";
        public ImportRowStatus Status { get; init; }
        public string Cells { get; init; } = "";
        public string? Changes { get; init; }
        public string? Faults { get; init; }

        public ImportRow ToRow()
        {
            var values = ImportPack.Values(Cells);
            return new()
            {
                Number = Number, Key = RowKey, Status = Status, Values = values, Changes = ImportPack.Changes(Changes, values), Faults = [.. (Read<List<ImportFault>>(Faults) ?? []).Select(f => f.ToFault())],
            };
        }
    }
}

/// <summary>For whom the background works, kept with the import: identities only, rights are read when each row is stored.</summary>
public sealed record ImportActor(long? UserId, long? EmployeeId, string Name, bool System, string[]? Scopes, string? Ip, string? Agent, string? RequestId)
{
    public static ImportActor Of(Actor a) => new(a.UserId, a.EmployeeId, a.Name, a.IsSystem, a.Scopes is null ? null : [.. a.Scopes], a.Ip, a.Agent, a.RequestId);

    public Actor ToActor() => System ? Actor.System(Name, Channel.Import) : new Actor
    {
        UserId = UserId, EmployeeId = EmployeeId, Name = Name, Scopes = Scopes?.ToHashSet(), Channel = Channel.Import, Ip = Ip, Agent = Agent, RequestId = RequestId,
    };
}

/// <summary>A refusal as it is kept: its values as JSON.</summary>
internal sealed record ImportRefusal(string Code, JsonElement[] Args)
{
    public static ImportRefusal Of(Refusal refusal) => new(refusal.Code, [.. refusal.Args.Select(a => JsonSerializer.SerializeToElement(a is Refusal ? null : a))]);

    public Refusal ToRefusal() => new(Code, [.. Args.Select(Value)]);

    private static object? Value(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Number => e.GetDecimal(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => DateTimeOffset.TryParseExact(e.GetString(), "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : e.GetString(),
        _ => e.ToString(),
    };
}

/// <summary>What is wrong with a field of a row, as it is kept.</summary>
internal sealed record ImportFault(string Field, ImportRefusal Why)
{
    public static ImportFault Of(Fault fault) => new(fault.Field, ImportRefusal.Of(fault.Why));

    public Fault ToFault() => new(Field, Why.ToRefusal());
}
