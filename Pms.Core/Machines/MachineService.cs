using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Machines;

/// <summary>Machines, the work centres they stand in and their meters. A machine with a history is retired, not removed.</summary>
public sealed class MachineService(MachineRepository machines, DepartmentService departments, Changes changes, Commands commands, AuditLog audit, FieldRules fields, Rights rights, PlantClock clock)
{
    private const string Entity = "machine", CentreEntity = "work_centre";

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => MachineRepository.Shape;

    public async Task<Page<MachineRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var mine = rights.DemandDepartments(actor, Permissions.MachinesView);
        return fields.Masked(actor, await machines.PageAsync(fields.Asked<MachineRow>(actor, request), mine, ct));
    }

    public async Task<Machine> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var machine = await machines.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        if (rights.DemandDepartments(actor, Permissions.MachinesView) is { } mine && !mine.Contains(machine.DepartmentId))
            throw new NotFoundException(Entity, id);
        return fields.Masked(actor, machine);
    }

    /// <summary>By the number that is painted on it.</summary>
    public async Task<Machine> GetAsync(Actor actor, string number, CancellationToken ct = default) =>
        await machines.FindIdAsync(number, ct) is { } id ? await GetAsync(actor, id, ct) : throw new NotFoundException(Entity, number);

    /// <summary>Creates (id 0) or changes a machine; answers it as stored. Retiring has its own command.</summary>
    /// <exception cref="InvalidException">A field is wrong, the number is taken, a department, centre or stage unknown.</exception>
    /// <exception cref="ConflictException">Somebody saved since it was read.</exception>
    public async Task<Machine> SaveAsync(Actor actor, Machine machine, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.MachinesEdit, machine.DepartmentId);
        machine = await fields.FilledAsync(actor, machine, () => machines.FindAsync(machine.Id, ct));
        new MachineValidator().Demand(machine);
        var after = machine with
        {
            Number = Text.Clean(machine.Number),
            Name = Text.Clean(machine.Name),
            Type = Text.OrNull(machine.Type),
            Manufacturer = Text.OrNull(machine.Manufacturer),
            Model = Text.OrNull(machine.Model),
            Serial = Text.OrNull(machine.Serial),
            Stages = [.. machine.Stages.Order()],
        };
        await KnownAsync(actor, after, ct);
        var id = await changes.SaveAsync(actor, Save(actor, after, ct), ct);
        return fields.Masked(actor, (await machines.FindAsync(id, ct))!);
    }

    /// <summary>Inside another command's transaction: it holds only while the machine is as it was read, neither stopped nor retired since.</summary>
    public void Unchanged(Tx tx, long id, int version) => machines.Unchanged(tx, id, version);

    /// <summary>Inside another command's transaction: whatever begins on the machine at this moment is decided again. Read what runs on it after this.</summary>
    public Task TouchAsync(Tx tx, long id) => machines.TouchAsync(tx, id);

    /// <summary>Takes a machine out of service for good, or back into it.</summary>
    /// <exception cref="RuleException">machine.has_work (number): something runs on it or is planned for it.</exception>
    public async Task<Machine> RetireAsync(Actor actor, long id, int version, bool retired, CancellationToken ct = default)
    {
        var before = await machines.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        rights.Demand(actor, Permissions.MachinesEdit, before.DepartmentId);
        if (retired == before.RetiredAt is not null)
            return fields.Masked(actor, before);
        if (retired && await machines.HasWorkAsync(id, ct))
            throw new RuleException("machine.has_work", before.Number);
        await changes.SaveAsync(actor, Save(actor, before with { Version = version, RetiredAt = retired ? clock.Now : null }, ct) with { Decide = null }, ct);
        return fields.Masked(actor, (await machines.FindAsync(id, ct))!);
    }

    /// <exception cref="RuleException">in_use: retire it instead.</exception>
    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await machines.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        rights.Demand(actor, Permissions.MachinesEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, before.DepartmentId, tx => machines.DeleteAsync(tx, before), new MasterDataChanged(Entity, id, before.DepartmentId), ct);
    }

    public async Task<IReadOnlyList<WorkCentre>> WorkCentresAsync(Actor actor, CancellationToken ct = default) =>
        rights.Now.IsActive(actor) ? fields.Masked(actor, await machines.WorkCentresAsync(ct)) : throw new ForbiddenException(Permissions.MachinesView);

    public static ListShape CentreShape => MachineRepository.CentreShape;

    public async Task<Page<WorkCentreRow>> ListCentresAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var mine = rights.DemandDepartments(actor, Permissions.MachinesView);
        return fields.Masked(actor, await machines.CentrePageAsync(fields.Asked<WorkCentreRow>(actor, request), mine, ct));
    }

    public async Task<WorkCentre> GetCentreAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var centre = await machines.FindWorkCentreAsync(id, ct) ?? throw new NotFoundException(CentreEntity, id);
        return rights.DemandDepartments(actor, Permissions.MachinesView) is { } mine && !mine.Contains(centre.DepartmentId) ? throw new NotFoundException(CentreEntity, id) : fields.Masked(actor, centre);
    }

    /// <exception cref="RuleException">in_use: deactivate it instead.</exception>
    public async Task RemoveCentreAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await machines.FindWorkCentreAsync(id, ct) ?? throw new NotFoundException(CentreEntity, id);
        rights.Demand(actor, Permissions.MachinesEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(CentreEntity, id, ct);
        await changes.RemoveAsync(actor, CentreEntity, before, before.DepartmentId, tx => machines.DeleteAsync(tx, before), new MasterDataChanged(CentreEntity, id, before.DepartmentId), ct);
    }

    public async Task<WorkCentre> SaveAsync(Actor actor, WorkCentre centre, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.MachinesEdit, centre.DepartmentId);
        centre = await fields.FilledAsync(actor, centre, () => machines.FindWorkCentreAsync(centre.Id, ct));
        new WorkCentreValidator().Demand(centre);
        if ((await departments.ActiveAsync(actor, ct)).All(d => d.Id != centre.DepartmentId))
            throw new InvalidException(nameof(WorkCentre.DepartmentId), "unknown_value");
        var after = centre with { Code = Text.Clean(centre.Code), Name = Text.Clean(centre.Name) };
        var id = await changes.SaveAsync(actor, new SaveOf<WorkCentre>
        {
            Entity = CentreEntity,
            After = after,
            DepartmentId = after.DepartmentId,
            Unique = ("work_centres", nameof(WorkCentre.Code)),
            Find = () => machines.FindWorkCentreAsync(after.Id, ct),
            Decide = before =>
            {
                rights.Demand(actor, Permissions.MachinesEdit, before.DepartmentId);
                fields.Demand(actor, before, after);
            },
            Insert = tx => machines.InsertAsync(tx, after),
            Update = (tx, _) => { machines.Update(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(CentreEntity, stored, after.DepartmentId)],
        }, ct);
        return fields.Masked(actor, (await machines.FindWorkCentreAsync(id, ct))!);
    }

    /// <summary>The latest 100, newest first.</summary>
    public async Task<IReadOnlyList<MeterReading>> ReadingsAsync(Actor actor, long machineId, CancellationToken ct = default)
    {
        await GetAsync(actor, machineId, ct);
        return await machines.ReadingsAsync(machineId, ct);
    }

    /// <summary>
    /// Notes what a counter showed, now or earlier. A counter never goes back unless the reading says that it was reset and why; readings are never
    /// changed, a wrong one is followed by a right one.
    /// </summary>
    /// <exception cref="InvalidException">Value: meter_goes_back (value, when) or meter_above_later (value, when); Reason: required with a reset.</exception>
    public async Task<long> ReadMeterAsync(Actor actor, MeterReading reading, CancellationToken ct = default)
    {
        var machine = await machines.FindAsync(reading.MachineId, ct) ?? throw new NotFoundException(Entity, reading.MachineId);
        rights.Demand(actor, Permissions.MaintenanceReport, machine.DepartmentId);
        new MeterReadingValidator(clock.Now).Demand(reading);
        var noted = reading with { Id = 0, Reason = reading.IsReset ? Text.OrNull(reading.Reason) : null, ByWhom = actor.Name };
        return await commands.RunAsync(actor, "machine.meter", actor.CommandKey, reading, async tx =>
        {
            await MachineRepository.LockMetersAsync(tx, machine.Id);
            var (before, after) = await MachineRepository.NeighboursAsync(tx, noted);
            if (!noted.IsReset && before?.Value > noted.Value)
                throw new InvalidException(nameof(MeterReading.Value), "meter_goes_back", before.Value, before.At);
            if (after is { IsReset: false } && after.Value < noted.Value)
                throw new InvalidException(nameof(MeterReading.Value), "meter_above_later", after.Value, after.At);
            var id = await machines.InsertAsync(tx, noted);
            audit.Write(tx, actor, "machine.meter", Entity, machine.Id, AuditLog.Diff(null, noted), machine.DepartmentId, noted.Reason);
            tx.Raise(new MasterDataChanged(Entity, machine.Id, machine.DepartmentId));
            return id;
        }, ct);
    }

    private SaveOf<Machine> Save(Actor actor, Machine after, CancellationToken ct) => new()
    {
        Entity = Entity,
        After = after,
        DepartmentId = after.DepartmentId,
        Unique = ("machines", nameof(Machine.Number)),
        Find = () => machines.FindAsync(after.Id, ct),
        Decide = before =>
        {
            rights.Demand(actor, Permissions.MachinesEdit, before.DepartmentId);
            fields.Demand(actor, before, after);
            if (before.RetiredAt != after.RetiredAt)
                throw new InvalidException(nameof(Machine.RetiredAt), "fixed");
        },
        Insert = tx => machines.InsertAsync(tx, after with { RetiredAt = null }),
        Update = (tx, before) => { machines.Update(tx, before, after); return Task.CompletedTask; },
        Raise = (_, stored) => [new MasterDataChanged(Entity, stored, after.DepartmentId)],
    };

    private async Task KnownAsync(Actor actor, Machine m, CancellationToken ct)
    {
        if ((await departments.ActiveAsync(actor, ct)).All(d => d.Id != m.DepartmentId))
            throw new InvalidException(nameof(Machine.DepartmentId), "unknown_value");
        if (m.WorkCentreId is { } centre && (await machines.FindWorkCentreAsync(centre, ct))?.DepartmentId != m.DepartmentId)
            throw new InvalidException(nameof(Machine.WorkCentreId), "unknown_value");
        var stages = m.Stages.Count == 0 ? [] : (await departments.AllStagesAsync(actor, ct)).Select(s => s.Id).ToHashSet();
        if (!m.Stages.All(stages.Contains))
            throw new InvalidException(nameof(Machine.Stages), "unknown_value");
    }
}
