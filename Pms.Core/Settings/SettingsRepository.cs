using System.Text.Json;
using Pms.Core.Data;

namespace Pms.Core.Settings;

/// <summary>The one row that holds what was set.</summary>
public sealed class SettingsRepository(Db db)
{
    public async Task<StoredSettings> GetAsync(CancellationToken ct = default)
    {
        var row = await db.FindAsync<Row>("SELECT stored, version FROM plant_settings WHERE id = 1", null, ct);
        return new(JsonSerializer.Deserialize<Dictionary<string, string>>(row?.Stored ?? "{}") ?? [], row?.Version ?? 0);
    }

    public static void Update(Tx tx, StoredSettings after) => tx.Add(
        "UPDATE plant_settings SET stored = @stored, version = version + 1 WHERE id = 1 AND version = @Version", new { stored = JsonSerializer.Serialize(after.Values), after.Version });

    /// <summary>True once anything was planned or clocked: its days and shifts were cut by the zone of then.</summary>
    public async Task<bool> HasHistoryAsync(CancellationToken ct = default) => await db.ScalarAsync<int>(
        """
        SELECT CASE WHEN EXISTS (SELECT 1 FROM jobs) OR EXISTS (SELECT 1 FROM work_times) OR EXISTS (SELECT 1 FROM machine_runs) OR EXISTS (SELECT 1 FROM presences) THEN 1 ELSE 0 END
        """, null, ct) == 1;

    private sealed record Row
    {
        public string Stored { get; init; } = "{}";
        public int Version { get; init; }
    }
}

/// <summary>What was set, by name, and its version.</summary>
public sealed record StoredSettings(IReadOnlyDictionary<string, string> Values, int Version);
