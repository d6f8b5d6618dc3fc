using Pms.Core.Data;

namespace Pms.Core.Identity.SecondFactors;

/// <summary>The tables second_factors and recovery_codes.</summary>
public sealed class SecondFactorRepository(Db db)
{
    private const string Columns = "user_id, secret, started_at, confirmed_at, last_step";

    public Task<SecondFactor?> FindAsync(long userId, CancellationToken ct = default) =>
        db.FindAsync<SecondFactor>($"SELECT {Columns} FROM second_factors WHERE user_id = @userId", new { userId }, ct);

    public static Task<SecondFactor?> FindAsync(Tx tx, long userId) =>
        tx.FindAsync<SecondFactor>($"SELECT {Columns} FROM second_factors WHERE user_id = @userId", new { userId });

    public Task<SecondFactorState?> StateAsync(long userId, CancellationToken ct = default) => db.FindAsync<SecondFactorState>(
        """
        SELECT f.confirmed_at AS since,
          (SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = u.id AND c.used_at IS NULL AND f.confirmed_at IS NOT NULL) AS codes_left,
          CASE WHEN EXISTS (SELECT 1 FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.active = 1 AND r.needs_second_factor = 1) THEN 1 ELSE 0 END AS required
        FROM users u LEFT JOIN second_factors f ON f.user_id = u.id WHERE u.id = @userId
        """, new { userId }, ct);

    /// <summary>Begins, or begins anew; false where one is in force.</summary>
    public static async Task<bool> StartAsync(Tx tx, long userId, string secret, DateTimeOffset now)
    {
        var args = new { userId, secret, now };
        if (await tx.ExecuteAsync("UPDATE second_factors SET secret = @secret, started_at = @now, last_step = 0 WHERE user_id = @userId AND confirmed_at IS NULL", args) == 1)
            return true;
        if (await FindAsync(tx, userId) is not null)
            return false;
        await tx.ExecuteAsync("INSERT INTO second_factors (user_id, secret, started_at) VALUES (@userId, @secret, @now)", args);
        return true;
    }

    /// <summary>It counts from now on; false where the secret is not the one that was begun, or counts already.</summary>
    public static async Task<bool> ConfirmAsync(Tx tx, SecondFactor begun, long step, DateTimeOffset now) => await tx.ExecuteAsync(
        "UPDATE second_factors SET confirmed_at = @now, last_step = @step WHERE user_id = @UserId AND secret = @Secret AND confirmed_at IS NULL", new { begun.UserId, begun.Secret, step, now }) == 1;

    /// <summary>Uses the time step up; false where it, or a later one, was used already.</summary>
    public static async Task<bool> UseStepAsync(Tx tx, long userId, long step) =>
        await tx.ExecuteAsync("UPDATE second_factors SET last_step = @step WHERE user_id = @userId AND last_step < @step AND confirmed_at IS NOT NULL", new { userId, step }) == 1;

    /// <summary>Uses the code up; false where there is none like it left.</summary>
    public static async Task<bool> UseRecoveryCodeAsync(Tx tx, long userId, string hash, DateTimeOffset now) =>
        await tx.ExecuteAsync("UPDATE recovery_codes SET used_at = @now WHERE user_id = @userId AND code_hash = @hash AND used_at IS NULL", new { userId, hash, now }) == 1;

    public static async Task SetRecoveryCodesAsync(Tx tx, long userId, IEnumerable<string> hashes)
    {
        await tx.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = @userId", new { userId });
        foreach (var hash in hashes)
            tx.Add("INSERT INTO recovery_codes (user_id, code_hash) VALUES (@userId, @hash)", new { userId, hash });
    }

    /// <summary>Takes everything away; false where nothing was in force.</summary>
    public static async Task<bool> RemoveAsync(Tx tx, long userId)
    {
        await tx.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = @userId", new { userId });
        var counted = await tx.FindAsync<long?>("SELECT confirmed_at FROM second_factors WHERE user_id = @userId", new { userId }) is not null;
        await tx.ExecuteAsync("DELETE FROM second_factors WHERE user_id = @userId", new { userId });
        return counted;
    }
}
