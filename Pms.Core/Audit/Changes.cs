using System.Data.Common;
using Pms.Core.Data;
using Pms.Core.Events;

namespace Pms.Core.Audit;

/// <summary>A record that people edit: who saves an old version is refused, so nobody overwrites another unseen.</summary>
public interface IVersioned
{
    /// <summary>0 until it is stored.</summary>
    long Id { get; }
    int Version { get; }
}

/// <summary>
/// Stores one edited record: insert or conditional update, its audit row with what differs, its events, in one transaction.
/// A save that changes nothing writes nothing; one that comes again under the actor's command key is answered as the first time.
/// </summary>
public sealed class Changes(Db db, AuditLog audit, ChangeQueries changes, Commands commands)
{
    /// <param name="insert">Writes a new record and returns its id.</param>
    /// <param name="update">Queues the UPDATE with <c>version = version + 1 … WHERE id = @Id AND version = @Version</c>, and what belongs to it.</param>
    /// <param name="unique">The field to blame when the table's unique index refuses.</param>
    /// <exception cref="ConflictException">changed_by_other (who, when): somebody saved since it was read.</exception>
    /// <exception cref="NotFoundException">It is gone.</exception>
    public async Task<long> SaveAsync<T>(Actor actor, SaveOf<T> save, CancellationToken ct = default) where T : class, IVersioned
    {
        try
        {
            return await commands.RunAsync(actor, save.Entity + ".save", actor.CommandKey, save.After, async tx =>
            {
                if (save.After.Id == 0)
                {
                    var id = await save.Insert(tx);
                    audit.Write(tx, actor, save.Entity + ".create", save.Entity, id, AuditLog.Diff(null, save.After), save.DepartmentId, save.Reason);
                    Raise(tx, save, null, id);
                    return id;
                }
                var before = await save.Find() ?? throw new NotFoundException(save.Entity, save.After.Id);
                if (before.Version != save.After.Version)
                    throw await ChangedAsync(save.Entity, save.After.Id, ct);
                save.Decide?.Invoke(before);
                var diff = AuditLog.Diff(before, save.After);
                if (diff.Count == 0)
                    return before.Id;
                await save.Update(tx, before);
                audit.Write(tx, actor, save.Entity + ".update", save.Entity, before.Id, diff, save.DepartmentId, save.Reason);
                Raise(tx, save, before, before.Id);
                return before.Id;
            }, ct);
        }
        catch (DbException e) when (save.Unique is { } u && db.Dialect.IsDuplicateKey(e, u.Table))
        {
            throw new InvalidException(u.Field, "taken");
        }
    }

    /// <summary>Removes a record that nothing refers to; the condition stands in the DELETE itself.</summary>
    /// <param name="delete">Executes the conditional DELETE and returns the rows it took.</param>
    /// <exception cref="RuleException">in_use: something refers to it; deactivate it instead.</exception>
    public Task RemoveAsync<T>(Actor actor, string entity, T before, long? departmentId, Func<Tx, Task<int>> delete, IEvent e, CancellationToken ct = default)
        where T : class, IVersioned => db.InTransactionAsync(async tx =>
        {
            if (await delete(tx) == 0)
                throw new RuleException("in_use");
            audit.Write(tx, actor, entity + ".delete", entity, before.Id, AuditLog.Diff(before, null), departmentId);
            tx.Raise(e);
        }, ct);

    /// <summary>Says who was faster.</summary>
    public async Task<ConflictException> ChangedAsync(string entity, long id, CancellationToken ct = default)
    {
        var last = await changes.LastAsync(entity, id, ct);
        return new ConflictException("changed_by_other", last?.Actor, last?.At);
    }

    private static void Raise<T>(Tx tx, SaveOf<T> save, T? before, long id) where T : class, IVersioned
    {
        foreach (var e in save.Raise(before, id))
            tx.Raise(e);
    }
}

/// <summary>How one kind of record is stored; see <see cref="Changes.SaveAsync"/>.</summary>
public sealed record SaveOf<T> where T : class, IVersioned
{
    /// <summary>The audit's name of it, singular, lower case.</summary>
    public required string Entity { get; init; }
    public required T After { get; init; }
    public long? DepartmentId { get; init; }
    public string? Reason { get; init; }
    public (string Table, string Field)? Unique { get; init; }
    public required Func<Task<T?>> Find { get; init; }

    /// <summary>Refuses what the present state forbids.</summary>
    public Action<T>? Decide { get; init; }
    public required Func<Tx, Task<long>> Insert { get; init; }
    public required Func<Tx, T, Task> Update { get; init; }
    public required Func<T?, long, IEnumerable<IEvent>> Raise { get; init; }
}
