using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Departments;

/// <summary>Departments and their ordered stages: read by who may see them, changed with departments.edit.</summary>
public sealed class DepartmentService(DepartmentRepository departments, Changes changes, AuditLog audit, Db db, FieldRules fields, Rights rights)
{
    private const string Entity = "department", StageEntity = "stage";

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => DepartmentRepository.Shape;

    public async Task<Page<DepartmentRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var mine = rights.DemandDepartments(actor, Permissions.DepartmentsView);
        return fields.Masked(actor, await departments.PageAsync(fields.Asked<DepartmentRow>(actor, request), mine, ct));
    }

    public async Task<Department> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsView, id);
        return fields.Masked(actor, await departments.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id));
    }

    /// <summary>All active departments, for pickers; their names are no secret within the plant.</summary>
    public Task<IReadOnlyList<Department>> ActiveAsync(Actor actor, CancellationToken ct = default) => Known(actor, async () => fields.Masked(actor, await departments.ActiveAsync(ct)));

    /// <summary>Stages of one department in their order, inactive ones included.</summary>
    public Task<IReadOnlyList<Stage>> StagesAsync(Actor actor, long departmentId, CancellationToken ct = default) => Known(actor, async () => fields.Masked(actor, await departments.StagesAsync(departmentId, ct)));

    public Task<Stage> StageAsync(Actor actor, long departmentId, long id, CancellationToken ct = default) => Known(actor, async () =>
        await departments.FindStageAsync(id, ct) is { } stage && stage.DepartmentId == departmentId ? fields.Masked(actor, stage) : throw new NotFoundException(StageEntity, id));

    public Task<IReadOnlyList<Stage>> AllStagesAsync(Actor actor, CancellationToken ct = default) => Known(actor, () => departments.AllStagesAsync(ct));

    /// <summary>Creates (id 0) or changes a department; answers it as stored.</summary>
    /// <exception cref="InvalidException">A field is wrong, or the code is taken.</exception>
    /// <exception cref="ConflictException">Somebody saved since it was read.</exception>
    public async Task<Department> SaveAsync(Actor actor, Department department, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, department.Id == 0 ? null : department.Id);
        department = await fields.FilledAsync(actor, department, () => departments.FindAsync(department.Id, ct));
        new DepartmentValidator().Demand(department);
        var after = department with { Code = Text.Clean(department.Code), Name = Text.Clean(department.Name) };
        if (after.Id == 0)
            DemandManager(actor, null, after);
        var id = await changes.SaveAsync(actor, new SaveOf<Department>
        {
            Entity = Entity,
            After = after,
            DepartmentId = after.Id == 0 ? null : after.Id,
            Unique = ("departments", nameof(Department.Code)),
            Find = () => departments.FindAsync(after.Id, ct),
            Decide = before =>
            {
                fields.Demand(actor, before, after);
                DemandManager(actor, before.ManagerUserId, after);
            },
            Insert = tx => departments.InsertAsync(tx, after),
            Update = (tx, _) => { departments.Update(tx, after); return Task.CompletedTask; },
            // A manager sees the department he leads, so rights change with it.
            Raise = (before, stored) => before?.ManagerUserId != after.ManagerUserId
                ? [new MasterDataChanged(Entity, stored, stored), new RightsChanged()] : [new MasterDataChanged(Entity, stored, stored)],
        }, ct);
        return fields.Masked(actor, (await departments.FindAsync(id, ct))!);
    }

    /// <exception cref="RuleException">in_use: deactivate it instead.</exception>
    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, id);
        var before = await departments.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, id, tx => departments.DeleteAsync(tx, before), new MasterDataChanged(Entity, id, id), ct);
    }

    /// <summary>Creates (id 0) or changes a stage; it never moves to another department.</summary>
    public async Task<Stage> SaveStageAsync(Actor actor, Stage stage, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, stage.DepartmentId);
        stage = await fields.FilledAsync(actor, stage, () => departments.FindStageAsync(stage.Id, ct));
        new StageValidator().Demand(stage);
        _ = await departments.FindAsync(stage.DepartmentId, ct) ?? throw new InvalidException(nameof(Stage.DepartmentId), "unknown");
        var after = stage with { Name = Text.Clean(stage.Name), Supplier = Text.Clean(stage.Supplier) is { Length: > 0 } s ? s : null, Checks = Clean(stage.Checks) };
        var id = await changes.SaveAsync(actor, new SaveOf<Stage>
        {
            Entity = StageEntity,
            After = after,
            DepartmentId = after.DepartmentId,
            Unique = ("stages", nameof(Stage.Name)),
            Find = () => departments.FindStageAsync(after.Id, ct),
            Decide = before =>
            {
                if (before.DepartmentId != after.DepartmentId)
                    throw new InvalidException(nameof(Stage.DepartmentId), "fixed");
                fields.Demand(actor, before, after);
            },
            Insert = tx => departments.InsertStageAsync(tx, after),
            Update = (tx, _) => { departments.UpdateStage(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(StageEntity, stored, after.DepartmentId)],
        }, ct);
        return fields.Masked(actor, (await departments.FindStageAsync(id, ct))!);
    }

    /// <summary>Puts the stage at a place among those of its department; the others make room, in one transaction.</summary>
    /// <param name="index">0-based, among all stages of the department.</param>
    public Task MoveStageAsync(Actor actor, long id, int index, CancellationToken ct = default) => db.InTransactionAsync(async tx =>
    {
        var stage = await departments.FindStageAsync(id, ct) ?? throw new NotFoundException(StageEntity, id);
        rights.Demand(actor, Permissions.DepartmentsEdit, stage.DepartmentId);
        var order = (await departments.StagesAsync(stage.DepartmentId, ct)).Where(s => s.Id != id).ToList();
        order.Insert(Math.Clamp(index, 0, order.Count), stage);
        for (var i = 0; i < order.Count; i++)
        {
            var moved = order[i] with { Position = i + 1 };
            if (moved == order[i])
                continue;
            departments.UpdateStage(tx, moved);
            audit.Write(tx, actor, "stage.move", StageEntity, moved.Id, AuditLog.Diff(order[i], moved), moved.DepartmentId);
            tx.Raise(new MasterDataChanged(StageEntity, moved.Id, moved.DepartmentId));
        }
    }, ct);

    public async Task RemoveStageAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await departments.FindStageAsync(id, ct) ?? throw new NotFoundException(StageEntity, id);
        rights.Demand(actor, Permissions.DepartmentsEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(StageEntity, id, ct);
        await changes.RemoveAsync(actor, StageEntity, before, before.DepartmentId, tx => departments.DeleteStageAsync(tx, before), new MasterDataChanged(StageEntity, id, before.DepartmentId), ct);
    }

    /// <summary>What a manager may do in their departments they may do in this one too, so whoever appoints them must hold it there.</summary>
    private void DemandManager(Actor actor, long? before, Department after)
    {
        if (after.ManagerUserId is not { } manager || manager == before || rights.Now.OfUser(manager) is not { } person)
            return;
        foreach (var (permission, _) in person.Permissions.Where(p => p.Value == Scope.Own))
            rights.Demand(actor, permission, after.Id);
    }

    private static string Clean(string checks) => string.Join(' ', Stage.AllChecks.Where(checks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains));

    /// <summary>Whoever is signed in may know the plant's departments and stages: every picker needs them.</summary>
    private Task<T> Known<T>(Actor actor, Func<Task<T>> read) => rights.Now.IsActive(actor) ? read() : throw new ForbiddenException(Permissions.DepartmentsView);
}
