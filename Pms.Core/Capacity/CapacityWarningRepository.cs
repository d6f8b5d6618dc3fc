using Pms.Core.Data;

namespace Pms.Core.Capacity;

/// <summary>A department's day whose load crossed the threshold.</summary>
public sealed record CapacityWarning(long DepartmentId, DateOnly OnDay)
{
    public CapacityWarning() : this(0, default)
    {
    }
}

/// <summary>The table capacity_warnings: of which days the planners were told. Its unique index lets one node tell.</summary>
public sealed class CapacityWarningRepository(Db db)
{
    private const string All = "SELECT department_id, on_day FROM capacity_warnings";

    public Task<IReadOnlyList<CapacityWarning>> ListAsync(CancellationToken ct) => db.ListAsync<CapacityWarning>(All, null, ct);

    public Task<IReadOnlyList<CapacityWarning>> ListAsync(Tx tx) => tx.ListAsync<CapacityWarning>(All, null);

    public void Insert(Tx tx, CapacityWarning warning) =>
        tx.Add("INSERT INTO capacity_warnings (department_id, on_day) VALUES (@DepartmentId, @OnDay)", new { warning.DepartmentId, warning.OnDay }, raced: "capacity_warnings");

    public Task<int> DeleteAsync(Tx tx, CapacityWarning warning) =>
        tx.ExecuteAsync("DELETE FROM capacity_warnings WHERE department_id = @DepartmentId AND on_day = @OnDay", new { warning.DepartmentId, warning.OnDay });
}
