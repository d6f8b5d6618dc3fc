using Pms.Core.Audit;
using Pms.Core.Identity;

namespace Pms.Core.Departments;

/// <summary>
/// Shifts and exceptions of plant, departments and machines. Changing the calendar moves no job; every node works with the new one within moments.
/// The plant's own calendar needs departments.edit for all departments.
/// </summary>
public sealed class CalendarService(CalendarRepository calendars, DepartmentRepository departments, Calendars inMemory, Changes changes, Rights rights, PlantClock clock)
{
    private const string Entity = "shift", ExceptionEntity = "calendar_exception";

    /// <summary>The shifts of exactly this scope (both null: the plant).</summary>
    public Task<IReadOnlyList<Shift>> ShiftsAsync(Actor actor, long? departmentId, long? machineId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsView, departmentId);
        return calendars.ShiftsAsync(departmentId, machineId, ct);
    }

    /// <summary>The exceptions of exactly this scope, from yesterday on.</summary>
    public Task<IReadOnlyList<CalendarException>> ExceptionsAsync(Actor actor, long? departmentId, long? machineId, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsView, departmentId);
        return calendars.ExceptionsAsync(departmentId, machineId, clock.Today.AddDays(-1), ct);
    }

    /// <summary>Weeks that can be asked at once.</summary>
    public const int MostWeeks = 53;

    /// <summary>The hours and the capacity of each day of some weeks, from the Monday of <paramref name="from"/>'s week on (null: this week's); with a draft, as they would be.</summary>
    /// <exception cref="InvalidException">weeks: between.</exception>
    public async Task<IReadOnlyList<DayHours>> HoursAsync(Actor actor, long? departmentId, long? machineId = null, DateOnly? from = null, int weeks = 4, CalendarDraft? draft = null, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsView, departmentId);
        if (weeks is < 1 or > MostWeeks)
            throw new InvalidException(nameof(weeks), "between", 1, MostWeeks);
        if (from is { Year: < 2000 or > 2200 })
            throw new InvalidException(nameof(from), "not_valid");
        var department = departmentId is { } id ? await departments.FindAsync(id, ct) ?? throw new NotFoundException("department", id) : null;
        var calendar = inMemory.Now;
        if (draft?.Shift is { } shift)
            calendar = calendar.With(shift);
        if (draft?.Exception is { } exception)
            calendar = calendar.With(exception);
        return WorkingHours.Of(calendar, departmentId ?? 0, machineId, PlantClock.Monday(from ?? clock.Today), weeks * 7, department?.CapacityPerDay);
    }

    /// <summary>Creates (id 0) or changes a shift; its scope is fixed once it is stored.</summary>
    public async Task<Shift> SaveAsync(Actor actor, Shift shift, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, shift.DepartmentId);
        new ShiftValidator().Demand(shift);
        var after = shift with { Name = Text.Clean(shift.Name), Breaks = [.. shift.Breaks.OrderBy(b => b.AfterMinutes).Select(b => b with { ShiftId = shift.Id })] };
        var id = await changes.SaveAsync(actor, new SaveOf<Shift>
        {
            Entity = Entity,
            After = after,
            DepartmentId = after.DepartmentId,
            Find = () => calendars.FindShiftAsync(after.Id, ct),
            Decide = before => Same(before.DepartmentId, after.DepartmentId, before.MachineId, after.MachineId),
            Insert = tx => calendars.InsertAsync(tx, after),
            Update = (tx, before) => { calendars.Update(tx, before, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new CalendarChanged(), new MasterDataChanged(Entity, stored, after.DepartmentId)],
        }, ct);
        await inMemory.LoadAsync(ct);
        return (await calendars.FindShiftAsync(id, ct))!;
    }

    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await calendars.FindShiftAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        rights.Demand(actor, Permissions.DepartmentsEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, before.DepartmentId, tx => calendars.DeleteAsync(tx, before), new CalendarChanged(), ct);
        await inMemory.LoadAsync(ct);
    }

    public async Task<CalendarException> SaveAsync(Actor actor, CalendarException exception, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.DepartmentsEdit, exception.DepartmentId);
        new CalendarExceptionValidator().Demand(exception);
        var after = exception with { Reason = Text.Clean(exception.Reason) };
        if (after.Kind == ExceptionKind.Closed)
            after = after with { StartsMinute = null, LengthMinutes = null };
        var id = await changes.SaveAsync(actor, new SaveOf<CalendarException>
        {
            Entity = ExceptionEntity,
            After = after,
            DepartmentId = after.DepartmentId,
            Find = () => calendars.FindExceptionAsync(after.Id, ct),
            Decide = before => Same(before.DepartmentId, after.DepartmentId, before.MachineId, after.MachineId),
            Insert = tx => calendars.InsertAsync(tx, after),
            Update = (tx, _) => { calendars.Update(tx, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new CalendarChanged(), new MasterDataChanged(ExceptionEntity, stored, after.DepartmentId)],
        }, ct);
        await inMemory.LoadAsync(ct);
        return (await calendars.FindExceptionAsync(id, ct))!;
    }

    public async Task RemoveExceptionAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        var before = await calendars.FindExceptionAsync(id, ct) ?? throw new NotFoundException(ExceptionEntity, id);
        rights.Demand(actor, Permissions.DepartmentsEdit, before.DepartmentId);
        if (before.Version != version)
            throw await changes.ChangedAsync(ExceptionEntity, id, ct);
        await changes.RemoveAsync(actor, ExceptionEntity, before, before.DepartmentId, tx => calendars.DeleteAsync(tx, before), new CalendarChanged(), ct);
        await inMemory.LoadAsync(ct);
    }

    private static void Same(long? department, long? departmentNow, long? machine, long? machineNow)
    {
        if (department != departmentNow || machine != machineNow)
            throw new InvalidException(nameof(Shift.DepartmentId), "fixed");
    }
}
