using Pms.Core.Files;
using Pms.Core.Identity;

namespace Pms.Core.Machines;

/// <summary>Who sees a machine sees its files; who may edit it may change them.</summary>
public sealed class MachineFiles(MachineService machines, Rights rights) : DepartmentFiles("machine", Permissions.MachinesEdit, rights)
{
    protected override async Task<long> DepartmentAsync(Actor actor, long id, CancellationToken ct) => (await machines.GetAsync(actor, id, ct)).DepartmentId;
}
