using Microsoft.Extensions.Logging;
using Pms.Core.Data;

namespace Pms.Core.Audit;

/// <summary>Runs verifications that go on when the page that asked closes: one at a time over all nodes, with its progress in the database.</summary>
public sealed class AuditChecks(AuditVerifier verifier, AuditLog audit, Leases leases, Db db, PlantClock clock, TimeProvider time, ILogger<AuditChecks> log) : IDisposable
{
    private static readonly TimeSpan Tell = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Begins one in the background.</summary>
    /// <exception cref="RuleException">audit.check_runs: one is running already.</exception>
    public async Task StartAsync(Actor actor, CancellationToken ct = default)
    {
        var lease = await TakeAsync(ct);
        var id = await BeginAsync(actor, ct);
        _ = Task.Run(async () =>
        {
            try { await RunAsync(lease, id, actor, stopping.Token); }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { log.LogInformation("A verification of the audit ended with the process"); }
            catch (Exception e) { log.LogError(e, "A verification of the audit failed"); }
        }, CancellationToken.None);
    }

    /// <summary>Runs one and waits for it.</summary>
    /// <exception cref="RuleException">audit.check_runs: one is running already.</exception>
    public async Task<AuditVerification> RunAsync(Actor actor, CancellationToken ct = default)
    {
        var lease = await TakeAsync(ct);
        return await RunAsync(lease, await BeginAsync(actor, ct), actor, ct);
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private async Task<Lease> TakeAsync(CancellationToken ct) => await leases.TakeAsync("audit.verify", AuditCheck.Silent, ct) ?? throw new RuleException("audit.check_runs");

    private Task<long> BeginAsync(Actor actor, CancellationToken ct) => db.InTransactionAsync(tx => AuditCheckRepository.InsertAsync(tx, actor.Name, clock.Now), ct);

    private async Task<AuditVerification> RunAsync(Lease lease, long id, Actor actor, CancellationToken ct)
    {
        await using (lease)
        {
            var told = time.GetTimestamp();
            async Task TellAsync(AuditVerification so)
            {
                if (time.GetElapsedTime(told) < Tell)
                    return;
                told = time.GetTimestamp();
                if (!await lease.RenewAsync(ct))
                    throw new RuleException("audit.check_runs");
                await db.InTransactionAsync(tx => { AuditCheckRepository.Update(tx, id, so, clock.Now, null); return Task.CompletedTask; }, ct);
            }
            var found = await verifier.VerifyAsync(TellAsync, ct);
            await db.InTransactionAsync(tx =>
            {
                AuditCheckRepository.Update(tx, id, found, clock.Now, clock.Now);
                audit.Write(tx, actor, "audit.verified", "audit_check", id, new Dictionary<string, object?[]>
                {
                    ["Entries"] = [null, found.Rows], ["LastSeal"] = [null, found.Seals], ["RootDay"] = [null, found.RootDay], ["Problem"] = [null, found.Problem],
                });
                return Task.CompletedTask;
            }, ct);
            if (found.Problem is { } problem)
                log.LogError("The audit's chain is broken: {Problem}", problem);
            return found;
        }
    }
}
