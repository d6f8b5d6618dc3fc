using System.Text.Json;
using Pms.Core.Data;

namespace Pms.Core.Events;

/// <summary>What must reach somebody outside the transaction is written in it, as ids; a dispatcher delivers it afterwards, at least once.</summary>
public static class Outbox
{
    /// <summary>Queues an entry: <paramref name="kind"/> as <c>noun.fact</c> (<c>job.started</c>), the payload ids and amounts only.</summary>
    public static void Send(this Tx tx, string kind, object payload, DateTimeOffset at) => tx.Add(InsertSql, Args(kind, payload, at));

    /// <summary>Writes many entries of one kind.</summary>
    public static Task SendManyAsync(this Tx tx, string kind, IEnumerable<object> payloads, DateTimeOffset at) => tx.BulkAsync(InsertSql, payloads.Select(payload => Args(kind, payload, at)));

    private const string InsertSql = "INSERT INTO outbox (at, kind, payload, next_at) VALUES (@at, @kind, @payload, @at)";

    private static object Args(string kind, object payload, DateTimeOffset at) => new { at, kind, payload = JsonSerializer.Serialize(payload, payload.GetType()) };
}
