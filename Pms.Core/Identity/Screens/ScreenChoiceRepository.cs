using Pms.Core.Data;

namespace Pms.Core.Identity.Screens;

/// <summary>Writes what people chose, and reads it.</summary>
public sealed class ScreenChoiceRepository(Db db)
{
    public Task<string?> FindAsync(string principal, string name, CancellationToken ct = default) =>
        db.ScalarAsync<string>("SELECT value FROM screen_choices WHERE principal = @principal AND name = @name", new { principal, name }, ct);

    public Task KeepAsync(string principal, string name, string value, CancellationToken ct = default) => db.InTransactionAsync(async tx =>
    {
        if (await tx.ExecuteAsync("UPDATE screen_choices SET value = @value WHERE principal = @principal AND name = @name", new { principal, name, value }) == 0)
            tx.Add("INSERT INTO screen_choices (principal, name, value) VALUES (@principal, @name, @value)", new { principal, name, value }, raced: "screen_choices");
    }, ct);
}
