using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;

namespace Pms.Core.Machines;

/// <summary>
/// Time set aside on a machine, entered by hand: nothing is planned into it and it is no capacity. Jobs that already lie in it stay; the plan shows them as
/// overbooked. Two windows of one machine never overlap, also when two people save at once: the machine's row is held while it is decided.
/// </summary>
public sealed class MachineWindowService(MachineWindowRepository windows, MachineRepository machines, MachineService service, Changes changes, Rights rights, PlantClock clock)
{
    private const string Entity = "machine_window";

    public static ListShape Shape => MachineWindowRepository.Shape;

    /// <summary>All that are not over, of the departments the actor may see.</summary>
    public Task<Page<MachineWindowRow>> PageAsync(Actor actor, PageRequest request, CancellationToken ct = default) =>
        windows.PageAsync(request, rights.DemandDepartments(actor, Permissions.MachinesView), clock.Now, ct);

    /// <summary>One machine's, from four weeks ago on.</summary>
    public async Task<IReadOnlyList<MachineWindow>> OfMachineAsync(Actor actor, long machineId, CancellationToken ct = default)
    {
        await service.GetAsync(actor, machineId, ct);
        return await windows.OfMachineAsync(machineId, clock.Now.AddDays(-28), ct);
    }

    /// <exception cref="NotFoundException">There is none, or not in a department the actor may see.</exception>
    public async Task<MachineWindow> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var mine = rights.DemandDepartments(actor, Permissions.MachinesView);
        return await windows.FindAsync(id, ct) is { } found && (mine is null || await machines.FindAsync(found.MachineId, ct) is { } machine && mine.Contains(machine.DepartmentId)) ? found : throw new NotFoundException(Entity, id);
    }

    /// <summary>Creates (id 0) or changes a window; its machine is fixed once it is stored.</summary>
    /// <exception cref="RuleException">machine.window_taken (from, to, reason): another window is there.</exception>
    public async Task<MachineWindow> SaveAsync(Actor actor, MachineWindow window, CancellationToken ct = default)
    {
        var after = window with { Kind = WindowKind.Planned, Reason = Text.Clean(window.Reason) };
        var machine = await machines.FindAsync(after.MachineId, ct) ?? throw new InvalidException(nameof(MachineWindow.MachineId), "unknown_value");
        rights.Demand(actor, Permissions.PlanningSchedule, machine.DepartmentId);
        new MachineWindowValidator(clock.Now).Demand(after);
        if (machine.RetiredAt is not null)
            throw new RuleException("machine.retired", machine.Number);
        var id = await changes.SaveAsync(actor, new SaveOf<MachineWindow>
        {
            Entity = Entity,
            After = after,
            DepartmentId = machine.DepartmentId,
            Find = () => windows.FindAsync(after.Id, ct),
            Decide = before =>
            {
                if (before.MachineId != after.MachineId)
                    throw new InvalidException(nameof(MachineWindow.MachineId), "fixed");
            },
            Insert = async tx => { await DemandFreeAsync(tx, after); return await windows.InsertAsync(tx, after); },
            Update = async (tx, _) => { await DemandFreeAsync(tx, after); windows.Update(tx, after); },
            Raise = (_, stored) => [Changed(stored, machine)],
        }, ct);
        return (await windows.FindAsync(id, ct))!;
    }

    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await windows.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        var machine = await machines.FindAsync(before.MachineId, ct) ?? throw new NotFoundException("machine", before.MachineId);
        rights.Demand(actor, Permissions.PlanningSchedule, machine.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, machine.DepartmentId, tx => windows.DeleteAsync(tx, before), Changed(id, machine), ct);
    }

    private static MasterDataChanged Changed(long id, Machine machine) => new(Entity, id, machine.DepartmentId);

    private static async Task DemandFreeAsync(Tx tx, MachineWindow after)
    {
        await MachineRepository.LockWindowsAsync(tx, after.MachineId);
        if (await MachineWindowRepository.OverlappedAsync(tx, after) is { } other)
            throw new RuleException("machine.window_taken", other.StartsAt, other.EndsAt, other.Reason);
    }
}
