namespace Pms.Core.Data;

/// <summary>The Data Protection key ring as text; each key is wrapped before it comes here.</summary>
public sealed class KeyTable(Db db)
{
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken ct = default) =>
        db.ListAsync<string>("SELECT xml FROM data_protection_keys ORDER BY id", ct: ct);

    public Task InsertAsync(string name, string xml, CancellationToken ct = default) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("INSERT INTO data_protection_keys (name, xml) VALUES (@name, @xml)", new { name, xml }), ct);
}
