using Pms.Core.Data;

namespace Pms.Core.Capacity;

/// <summary>The table capacity_turns: who decides about a department's load right now.</summary>
public sealed class CapacityRepository
{
    /// <summary>
    /// Waits for the departments' turns and holds them until the transaction ends: a row lock on a server, the key that decides between Galera's nodes, the one
    /// writer on SQLite. In the order of ids, so that two who need the same ones never hold each other up.
    /// </summary>
    public async Task TakeTurnsAsync(Tx tx, IEnumerable<long> departments)
    {
        foreach (var department in departments.Distinct().Order())
        {
            if (await tx.ExecuteAsync("UPDATE capacity_turns SET version = version + 1 WHERE department_id = @department", new { department }) > 0)
                continue;
            tx.Add("INSERT INTO capacity_turns (department_id) VALUES (@department)", new { department }, raced: "capacity_turns");
            await tx.FlushAsync();
        }
    }
}
