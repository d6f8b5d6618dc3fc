using System.Data.Common;
using Pms.Core.Data;

namespace Pms.Core.Identity.SignIns;

/// <summary>What a failed try counts against, and from which failure on the next one has to wait.</summary>
public sealed record FailureSubject(string Key, int From);

/// <summary>
/// Counts failed sign-ins. A try is counted before it is checked and taken back when it was right, so that a hundred tries at once are a
/// hundred; the wait begins at the subject's own threshold and doubles up to the longest. An hour without a failure forgets.
/// </summary>
public sealed class FailureRepository(Db db, PlantClock clock, IdentitySettings settings)
{
    /// <summary>The thresholds in force.</summary>
    public IdentitySettings Settings => settings;

    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    /// <summary>How long the longest wait of these subjects still is; zero when none waits.</summary>
    public async Task<TimeSpan> WaitAsync(IReadOnlyList<FailureSubject> subjects, CancellationToken ct = default)
    {
        var now = clock.Now;
        var until = await db.ScalarAsync<long?>("SELECT MAX(blocked_until) FROM sign_in_failures WHERE subject IN @keys", new { keys = subjects.Select(s => s.Key).ToArray() }, ct) ?? 0;
        var wait = DateTimeOffset.FromUnixTimeMilliseconds(until) - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Counts a try against each subject.</summary>
    /// <exception cref="TooManyException">One of them has to wait; nothing more was counted for it.</exception>
    public async Task ReserveAsync(IReadOnlyList<FailureSubject> subjects, CancellationToken ct = default)
    {
        if (await WaitAsync(subjects, ct) is { Ticks: > 0 } wait)
            throw new TooManyException("sign_in.wait", wait);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var blocked = await db.InTransactionAsync(async tx =>
                {
                    foreach (var subject in subjects)
                        if (!await CountAsync(tx, subject))
                            return true;
                    return false;
                }, ct);
                if (!blocked)
                    return;
                if (await WaitAsync(subjects, ct) is { Ticks: > 0 } left)
                    throw new TooManyException("sign_in.wait", left);
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 5)
            {
                continue;   // the first failure of this subject came twice at once
            }
        }
    }

    /// <summary>The try was right after all. The device's own subject starts again from nothing, shared ones lose just this try.</summary>
    public static async Task TakeBackAsync(Tx tx, IReadOnlyList<FailureSubject> subjects, string own)
    {
        foreach (var subject in subjects)
            await tx.ExecuteAsync(subject.Key == own
                ? "UPDATE sign_in_failures SET failures = 0, blocked_until = 0 WHERE subject = @Key"
                : "UPDATE sign_in_failures SET blocked_until = CASE WHEN failures >= @From THEN 0 ELSE blocked_until END, failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END WHERE subject = @Key", subject);
    }

    /// <summary>One more try of this address in the minute that began with its first; false, and nothing counted, once the minute's failures are used up and <paramref name="limited"/>.</summary>
    public async Task<bool> CountAddressAsync(string? ip, bool limited, CancellationToken ct = default)
    {
        if (ip is null)
            return true;
        var args = new { subject = Address(ip), now = clock.Now, since = clock.Now - TimeSpan.FromMinutes(1), most = limited ? settings.FailuresPerAddress : int.MaxValue };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await db.InTransactionAsync(async tx =>
                {
                    // failures before window_at: MySQL assigns from left to right and would see the new value.
                    if (await tx.ExecuteAsync(
                        "UPDATE sign_in_failures SET failures = CASE WHEN window_at > @since THEN failures + 1 ELSE 1 END, window_at = CASE WHEN window_at > @since THEN window_at ELSE @now END WHERE subject = @subject AND (window_at <= @since OR failures < @most)", args) == 1)
                        return true;
                    if (await tx.FindAsync<string>("SELECT subject FROM sign_in_failures WHERE subject = @subject AND window_at > @since AND failures >= @most", args) is not null)
                        return false;
                    // Where another first try of the address came in between, this is a duplicate and the count begins again.
                    await tx.ExecuteAsync("INSERT INTO sign_in_failures (subject, failures, window_at) VALUES (@subject, 1, @now)", args);
                    return true;
                }, ct);
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 5)
            {
                continue;
            }
        }
    }

    /// <summary>The address's try was right after all.</summary>
    public static Task<int> TakeBackAddressAsync(Tx tx, string ip) => tx.ExecuteAsync(
        "UPDATE sign_in_failures SET failures = CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END WHERE subject = @subject", new { subject = Address(ip) });

    /// <summary>Removes an account's waits on all devices: a supervisor unlocks.</summary>
    public static Task<int> ClearAsync(Tx tx, string account) => tx.ExecuteAsync(
        "DELETE FROM sign_in_failures WHERE subject >= @from AND subject < @to", new { from = account + "|", to = account + "}" });

    /// <summary>Removes what nobody waits for any more.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) => db.InTransactionAsync(tx =>
        tx.ExecuteAsync("DELETE FROM sign_in_failures WHERE window_at < @before AND blocked_until < @now", new { before = clock.Now - Forgotten, now = clock.Now }), ct);

    private async Task<bool> CountAsync(Tx tx, FailureSubject subject)
    {
        var now = clock.Now;
        var waits = settings.Waits.Select(w => (long)w.TotalMilliseconds).ToArray();
        var args = new
        {
            subject.Key, subject.From, now, reset = now - Forgotten, w0 = waits[0], w1 = waits[1], w2 = waits[2], w3 = waits[3], w4 = waits[4], w5 = waits[5],
            w6 = waits[6], w7 = waits[7], w8 = waits[8], w9 = waits[9], w10 = waits[10], last = waits[^1],
        };
        // The wait is worked out before its inputs change: MySQL assigns from left to right.
        var counted = await tx.ExecuteAsync(
            """
            UPDATE sign_in_failures SET
              blocked_until = CASE WHEN window_at < @reset OR failures + 1 < @From THEN 0 ELSE @now +
                CASE failures + 1 - @From WHEN 0 THEN @w0 WHEN 1 THEN @w1 WHEN 2 THEN @w2 WHEN 3 THEN @w3 WHEN 4 THEN @w4 WHEN 5 THEN @w5
                  WHEN 6 THEN @w6 WHEN 7 THEN @w7 WHEN 8 THEN @w8 WHEN 9 THEN @w9 WHEN 10 THEN @w10 ELSE @last END END,
              failures = CASE WHEN window_at < @reset THEN 1 ELSE failures + 1 END,
              window_at = @now
            WHERE subject = @Key AND blocked_until <= @now
            """, args);
        if (counted == 1)
            return true;
        if (await tx.FindAsync<string>("SELECT subject FROM sign_in_failures WHERE subject = @Key", args) is not null)
            return false;
        await tx.ExecuteAsync("INSERT INTO sign_in_failures (subject, failures, window_at) VALUES (@Key, 1, @now)", args);
        return true;
    }

    private static string Address(string ip) => "ip:" + ip;
}
