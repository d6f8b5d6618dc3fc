using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Employees;
using Pms.Core.Identity;

namespace Pms.Core.Machines;

/// <summary>
/// Who works at which machine. Two primaries of one machine, shift and day can't both be stored, also when two people save at once:
/// each save is decided on the machine's allocation count and taken back when that moved.
/// </summary>
public sealed class AllocationService(AllocationRepository allocations, MachineRepository machines, EmployeeService employees, Changes changes, Commands commands, AuditLog audit, Db db, Rights rights)
{
    private const string Entity = "allocation";

    /// <summary>Everything that touches the days, of the departments the actor may see.</summary>
    public Task<IReadOnlyList<AllocationRow>> ListAsync(Actor actor, DateOnly from, DateOnly to, long? employeeId = null, CancellationToken ct = default) =>
        allocations.ListAsync(from, to, rights.DemandDepartments(actor, Permissions.AllocationsView), employeeId, ct);

    public static ListShape Shape => AllocationRepository.Shape;

    public Task<Page<AllocationRow>> PageAsync(Actor actor, PageRequest request, CancellationToken ct = default) =>
        allocations.PageAsync(request, rights.DemandDepartments(actor, Permissions.AllocationsView), ct);

    /// <exception cref="NotFoundException">There is none, or not in a department the actor may see.</exception>
    public async Task<Allocation> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var mine = rights.DemandDepartments(actor, Permissions.AllocationsView);
        return await allocations.FindAsync(id, ct) is { } found && (mine is null || await machines.FindAsync(found.MachineId, ct) is { } machine && mine.Contains(machine.DepartmentId)) ? found : throw new NotFoundException(Entity, id);
    }

    /// <summary>Creates (id 0) or changes an allocation.</summary>
    /// <exception cref="RuleException">allocation.primary_taken (name, from, to).</exception>
    public async Task<Allocation> SaveAsync(Actor actor, Allocation after, CancellationToken ct = default)
    {
        new AllocationValidator().Demand(after);
        var machine = await machines.FindAsync(after.MachineId, ct) ?? throw new InvalidException(nameof(Allocation.MachineId), "unknown_value");
        rights.Demand(actor, Permissions.AllocationsEdit, machine.DepartmentId);
        if (machine.RetiredAt is not null)
            throw new RuleException("machine.retired", machine.Number);
        if (await employees.FindAsync(after.EmployeeId, ct) is not { Active: true })
            throw new InvalidException(nameof(Allocation.EmployeeId), "unknown_value");
        if (after.ShiftId is { } shift && !await allocations.HasShiftAsync(shift, machine, ct))
            throw new InvalidException(nameof(Allocation.ShiftId), "unknown_value", shift);

        var id = await commands.RunAsync(actor, "allocation.save", actor.CommandKey, after, async tx =>
        {
            var seen = await machines.AllocationsVersionAsync(machine.Id, ct);
            var before = after.Id == 0 ? null : await allocations.FindAsync(after.Id, ct) ?? throw new NotFoundException(Entity, after.Id);
            if (before is not null && before.MachineId != machine.Id && await machines.FindAsync(before.MachineId, ct) is { } was)
                rights.Demand(actor, Permissions.AllocationsEdit, was.DepartmentId);
            if (before is not null && before.Version != after.Version)
                throw await changes.ChangedAsync(Entity, after.Id, ct);
            if (after.Level == AllocationLevel.Primary)
                await NobodyElseAsync(after, ct);
            machines.TouchAllocations(tx, machine.Id, seen);
            var stored = after.Id;
            if (before is null)
                stored = await allocations.InsertAsync(tx, after);
            else
                allocations.Update(tx, after);
            audit.Write(tx, actor, before is null ? "allocation.create" : "allocation.update", Entity, stored, AuditLog.Diff(before, after), machine.DepartmentId);
            tx.Raise(new AllocationChanged(stored, machine.Id, after.EmployeeId, machine.DepartmentId));
            if (before is not null && (before.MachineId != after.MachineId || before.EmployeeId != after.EmployeeId))
                tx.Raise(new AllocationChanged(stored, before.MachineId, before.EmployeeId, machine.DepartmentId));
            return stored;
        }, ct);
        return (await allocations.FindAsync(id, ct))!;
    }

    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await allocations.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        var machine = await machines.FindAsync(before.MachineId, ct) ?? throw new NotFoundException("machine", before.MachineId);
        rights.Demand(actor, Permissions.AllocationsEdit, machine.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await db.InTransactionAsync(tx =>
        {
            allocations.Delete(tx, before);
            audit.Write(tx, actor, "allocation.delete", Entity, id, AuditLog.Diff(before, null), machine.DepartmentId);
            tx.Raise(new AllocationChanged(id, machine.Id, before.EmployeeId, machine.DepartmentId));
            return Task.CompletedTask;
        }, ct);
    }

    private async Task NobodyElseAsync(Allocation wanted, CancellationToken ct)
    {
        var other = (await allocations.OfMachineAsync(wanted.MachineId, wanted.FromDay, ct)).FirstOrDefault(a => a.Id != wanted.Id && a.Level == AllocationLevel.Primary && a.Meets(wanted));
        if (other is not null)
            throw new RuleException("allocation.primary_taken", (await employees.FindAsync(other.EmployeeId, ct))?.Name, other.FromDay, other.ToDay);
    }
}
