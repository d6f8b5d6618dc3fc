using Pms.Core.Data;
using Pms.Core.Audit;
using Pms.Core.Departments;
using Pms.Core.Events;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Users;

namespace Pms.Core.Employees;

/// <summary>The people of the plant with their departments, skills and absences. A changed department or kind takes effect on open pages at once.</summary>
public sealed class EmployeeService(EmployeeRepository employees, DepartmentService departments, Changes changes, FieldRules fields, Rights rights)
{
    private const string Entity = "employee", AbsenceEntity = "absence";

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => EmployeeRepository.Shape;

    public async Task<Page<EmployeeRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.EmployeesView);
        return fields.Masked(actor, await employees.PageAsync(fields.Asked<EmployeeRow>(actor, request), departments, ct));
    }

    /// <summary>How the list of expiring skills can be asked; due is Expired, 30, 60 or 90.</summary>
    public static ListShape SkillShape => EmployeeRepository.SkillShape;

    /// <summary>Skills with an end, of active people.</summary>
    /// <exception cref="ForbiddenException">Also for whom a field rule hides skills or where people belong: the list is made of both.</exception>
    public Task<Page<SkillRow>> ListSkillsAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        var departments = rights.DemandDepartments(actor, Permissions.EmployeesView);
        if (fields.Of(actor, Entity) is { } view && (view.MayHide(nameof(Employee.Skills)) || view.MayHide(nameof(Employee.DepartmentId))))
            throw new ForbiddenException(Permissions.EmployeesView);
        return employees.SkillsAsync(request, departments, ct);
    }

    public async Task<Employee> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        var employee = await employees.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        if (rights.DemandDepartments(actor, Permissions.EmployeesView) is { } mine && !mine.Contains(employee.DepartmentId) && !employee.FurtherDepartments.Any(mine.Contains))
            throw new NotFoundException(Entity, id);
        return fields.Masked(actor, employee);
    }

    /// <summary>For other features that have asked for their own permission already; null if there is none.</summary>
    /// <summary>Inside another command's transaction: whoever writes past time of the same person waits until it is over. Read what is there after this.</summary>
    public Task StandInLineAsync(Tx tx, long id) => employees.StandInLineAsync(tx, id);

    public Task<Employee?> FindAsync(long id, CancellationToken ct = default) => employees.FindAsync(id, ct);

    /// <summary>Creates (id 0) or changes an employee; answers them as stored.</summary>
    /// <exception cref="InvalidException">A field is wrong, the number is taken, a department or stage unknown.</exception>
    /// <exception cref="ConflictException">Somebody saved since it was read.</exception>
    public async Task<Employee> SaveAsync(Actor actor, Employee employee, CancellationToken ct = default)
    {
        var id = await StoreAsync(actor, employee, ct);
        await rights.LoadAsync(ct);
        return fields.Masked(actor, (await employees.FindAsync(id, ct))!);
    }

    /// <summary>As <see cref="SaveAsync(Actor, Employee, CancellationToken)"/>, for many in a row: this node's rights follow by their event, not before the answer.</summary>
    internal async Task<long> StoreAsync(Actor actor, Employee employee, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.EmployeesEdit, employee.DepartmentId);
        employee = await fields.FilledAsync(actor, employee, () => employees.FindAsync(employee.Id, ct));
        new EmployeeValidator().Demand(employee);
        var after = employee with
        {
            Number = Text.Clean(employee.Number),
            FirstName = Text.Clean(employee.FirstName),
            LastName = Text.Clean(employee.LastName),
            Position = Text.OrNull(employee.Position),
            Email = Text.OrNull(employee.Email),
            Phone = Text.OrNull(employee.Phone),
            FurtherDepartments = [.. employee.FurtherDepartments.Where(d => d != employee.DepartmentId).Distinct().Order()],
            Skills = [.. employee.Skills.OrderBy(s => s.StageId).Select(s => s with { EmployeeId = employee.Id })],
        };
        await KnownAsync(actor, after, ct);
        if (after.Id == 0)
            DemandReach(actor, null, after);
        return await changes.SaveAsync(actor, new SaveOf<Employee>
        {
            Entity = Entity,
            After = after,
            DepartmentId = after.DepartmentId,
            Unique = ("employees", nameof(Employee.Number)),
            Find = () => employees.FindAsync(after.Id, ct),
            Decide = before =>
            {
                rights.Demand(actor, Permissions.EmployeesEdit, before.DepartmentId);
                fields.Demand(actor, before, after);
                DemandReach(actor, before, after);
            },
            Insert = tx => employees.InsertAsync(tx, after),
            Update = async (tx, before) =>
            {
                if (before.Active && !after.Active)
                    await UserService.KeepAnAdminAsync(tx, before.Number, () => employees.Update(tx, before, after));
                else
                    employees.Update(tx, before, after);
            },
            Raise = (_, stored) => [new MasterDataChanged(Entity, stored, after.DepartmentId), new RightsChanged()],
        }, ct);
    }

    /// <exception cref="RuleException">in_use: deactivate them instead.</exception>
    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await employees.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        rights.Demand(actor, Permissions.EmployeesEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, before.DepartmentId, tx => employees.DeleteAsync(tx, before), new MasterDataChanged(Entity, id, before.DepartmentId), ct);
        await rights.LoadAsync(ct);
    }

    /// <summary>The latest 200 absences, newest first.</summary>
    public async Task<IReadOnlyList<Absence>> AbsencesAsync(Actor actor, long employeeId, CancellationToken ct = default)
    {
        await GetAsync(actor, employeeId, ct);
        return fields.Masked(actor, await employees.AbsencesAsync(employeeId, ct));
    }

    /// <summary>Creates (id 0) or changes an absence; whoever edits allocations of the department may, for they plan around it.</summary>
    public async Task<Absence> SaveAsync(Actor actor, Absence absence, CancellationToken ct = default)
    {
        absence = await fields.FilledAsync(actor, absence, () => employees.FindAbsenceAsync(absence.Id, ct));
        new AbsenceValidator().Demand(absence);
        var employee = await employees.FindAsync(absence.EmployeeId, ct) ?? throw new InvalidException(nameof(Absence.EmployeeId), "unknown_value");
        rights.Demand(actor, Permissions.AllocationsEdit, employee.DepartmentId);
        var after = absence with { Note = Text.OrNull(absence.Note) };
        var id = await changes.SaveAsync(actor, new SaveOf<Absence>
        {
            Entity = AbsenceEntity,
            After = after,
            DepartmentId = employee.DepartmentId,
            Find = () => employees.FindAbsenceAsync(after.Id, ct),
            Decide = before =>
            {
                if (before.EmployeeId != after.EmployeeId)
                    throw new InvalidException(nameof(Absence.EmployeeId), "fixed");
                fields.Demand(actor, before, after);
            },
            Insert = tx => employees.InsertAsync(tx, after),
            Update = (tx, _) => { employees.Update(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(AbsenceEntity, stored, employee.DepartmentId)],
        }, ct);
        return fields.Masked(actor, (await employees.FindAbsenceAsync(id, ct))!);
    }

    public async Task RemoveAbsenceAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await employees.FindAbsenceAsync(id, ct) ?? throw new NotFoundException(AbsenceEntity, id);
        var employee = await employees.FindAsync(before.EmployeeId, ct) ?? throw new NotFoundException(Entity, before.EmployeeId);
        rights.Demand(actor, Permissions.AllocationsEdit, employee.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(AbsenceEntity, id, ct);
        await changes.RemoveAsync(actor, AbsenceEntity, before, employee.DepartmentId, tx => employees.DeleteAsync(tx, before), new MasterDataChanged(AbsenceEntity, id, employee.DepartmentId), ct);
    }

    /// <summary>
    /// Department and kind decide what a person may do. An editor moves people among the departments they edit, makes a lead only of whom they
    /// could be themselves, and widens nothing of their own.
    /// </summary>
    private void DemandReach(Actor actor, Employee? before, Employee after)
    {
        HashSet<long> was = before is null ? [] : [before.DepartmentId, .. before.FurtherDepartments], now = [after.DepartmentId, .. after.FurtherDepartments];
        foreach (var department in was.Union(now).Where(d => was.Contains(d) != now.Contains(d)))
            rights.Demand(actor, Permissions.EmployeesEdit, department);
        if (was.IsSupersetOf(now) && before?.Kind == after.Kind)
            return;
        var account = before is null ? null : rights.Now.AccountOf(after.Id);
        var self = before is not null && actor.EmployeeId == after.Id;
        if (!self && account is null && after.Kind is EmployeeKind.Operator or EmployeeKind.Cutter or EmployeeKind.Packer or EmployeeKind.Coordinator)
            return;
        var person = account is { } user ? rights.Now.OfUser(user)?.Permissions : null;
        rights.DemandCovers(actor, person is null ? rights.Now.OfKind(after.Kind.ToString()) : person, now);
        if (after.Kind is EmployeeKind.Cutter or EmployeeKind.Packer)
            rights.DemandCovers(actor, [new(Permissions.JobsDepartment, Scope.Own)], now);   // by their kind, account or not
    }

    private async Task KnownAsync(Actor actor, Employee e, CancellationToken ct)
    {
        var known = (await departments.ActiveAsync(actor, ct)).Select(d => d.Id).ToHashSet();
        if (!known.Contains(e.DepartmentId))
            throw new InvalidException(nameof(Employee.DepartmentId), "unknown_value");
        if (!e.FurtherDepartments.All(known.Contains))
            throw new InvalidException(nameof(Employee.FurtherDepartments), "unknown_value");
        var stages = e.Skills.Count == 0 ? [] : (await departments.AllStagesAsync(actor, ct)).Select(s => s.Id).ToHashSet();
        if (!e.Skills.All(s => stages.Contains(s.StageId)))
            throw new InvalidException(nameof(Employee.Skills), "unknown_value");
    }
}
