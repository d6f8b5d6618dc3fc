using Pms.Core.Identity;

namespace Pms.Core.Files;

/// <summary>Files of records that belong to a department: who sees the record sees its files, who may edit in the department may change them.</summary>
public abstract class DepartmentFiles(string entity, string edit, Rights rights) : IFileOwner
{
    public string Entity => entity;

    public Task DemandViewAsync(Actor actor, long id, CancellationToken ct) => DepartmentAsync(actor, id, ct);

    public async Task<long?> DemandEditAsync(Actor actor, long id, CancellationToken ct)
    {
        var department = await DepartmentAsync(actor, id, ct);
        rights.Demand(actor, edit, department);
        return department;
    }

    /// <summary>The department of a record that the actor may see.</summary>
    /// <exception cref="NotFoundException">There is none, or the actor may not see it.</exception>
    protected abstract Task<long> DepartmentAsync(Actor actor, long id, CancellationToken ct);
}
