using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>
/// Seals audit rows into the chain within a second, in batches, so that commands share no lock. Any number of nodes may run it: the seal's
/// number is its key, so only one of two that try the same number gets it.
/// </summary>
public sealed class AuditSealer(AuditChainRepository chain, AuditRoots roots, Db db, TimeProvider time, ILogger<AuditSealer> log) : BackgroundService
{
    public const int Batch = 1000;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(700);

    /// <summary>Seals what is there, at most one batch; returns how many rows.</summary>
    public async Task<int> SealAsync(CancellationToken ct = default)
    {
        // The rows first: what commits between the two reads belongs to the next seal.
        var rows = await chain.UnsealedAsync(Batch, ct);
        if (rows.Count == 0)
            return 0;
        var last = await chain.LastAsync(ct);
        var seal = AuditSeal.Of((last?.Number ?? 0) + 1, time.GetUtcNow(), last?.Hash ?? AuditSeal.Beginning, rows);
        try
        {
            await chain.SealAsync(seal, [.. rows.Select(r => r.Id)], ct);
            return rows.Count;
        }
        catch (Exception e) when (e is ConflictException || e is DbException duplicate && db.Dialect.IsDuplicateKey(duplicate))
        {
            log.LogDebug("Another node made seal {Number}", seal.Number);
            return 0;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                try
                {
                    while (await SealAsync(stoppingToken) == Batch)
                        await Task.Delay(50, stoppingToken);   // a backlog must not starve the taps
                    await roots.WriteAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.LogWarning(e, "Sealing the audit failed; the next round tries again");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { log.LogDebug("The sealer was stopped"); }
    }
}
