using FluentValidation;

namespace Pms.Core.Departments;

/// <summary>Limits of a department's fields; the same as its columns'.</summary>
public sealed class DepartmentValidator : AbstractValidator<Department>
{
    public DepartmentValidator()
    {
        RuleFor(d => d.Code).Named(32);
        RuleFor(d => d.Name).Named(120);
        RuleFor(d => d.Kind).Known();
        RuleFor(d => d.DailyTarget).Within(0m, Rules.MaxQuantity);
        RuleFor(d => d.WeeklyTarget).Within(0m, Rules.MaxQuantity);
        RuleFor(d => d.MonthlyTarget).Within(0m, Rules.MaxQuantity);
        RuleFor(d => d.CapacityPerDay).Within(0m, Rules.MaxQuantity);
        RuleFor(d => d.Position).Within(0, 100_000);
    }
}

/// <summary>A stage says what its kind needs: a supplier's lead days, a wait's hours.</summary>
public sealed class StageValidator : AbstractValidator<Stage>
{
    public StageValidator()
    {
        RuleFor(s => s.Name).Named(120);
        RuleFor(s => s.Kind).Known();
        RuleFor(s => s.Position).Within(0, 100_000);
        RuleFor(s => s.RunMinutes).Within(0m, 100_000m);
        RuleFor(s => s.SetupMinutes).Within(0m, 100_000m);
        RuleFor(s => s.Supplier).AtMost(120);
        RuleFor(s => s.LeadDays).Within(0, 1000);
        RuleFor(s => s.LeadDays).Must((s, days) => s.Kind != StageKind.External || days is not null).Refuse("required");
        RuleFor(s => s.WaitHours).Within(0m, 10_000m);
        RuleFor(s => s.WaitHours).Must((s, hours) => s.Kind != StageKind.Wait || hours is not null).Refuse("required");
        RuleFor(s => s.TransferQuantity).Within(0.000001m, Rules.MaxQuantity);
        RuleFor(s => s.CapacityPerDay).Within(0m, Rules.MaxQuantity);
        RuleFor(s => s.Checks).Must(c => c.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(Stage.AllChecks.Contains)).Refuse("not_valid");
    }
}

/// <summary>A shift lies within two days, its breaks within it and apart from each other.</summary>
public sealed class ShiftValidator : AbstractValidator<Shift>
{
    public ShiftValidator()
    {
        RuleFor(s => s.Name).Named(64);
        RuleFor(s => s.Days).Must(d => d is > 0 and <= Shift.AllDays).Refuse("required");
        RuleFor(s => s.StartsMinute).Within(0, 1439);
        RuleFor(s => s.LengthMinutes).Within(1, 1440);
        RuleFor(s => s.ValidTo).Must((s, to) => to is null || s.ValidFrom is null || s.ValidFrom <= to).Refuse("before_start");
        RuleFor(s => s.DepartmentId).Must((s, d) => s.MachineId is null || d is null).Refuse("not_valid");
        RuleFor(s => s.Breaks).Must(b => b.Count <= 12).Refuse("between", 0, 12);
        RuleForEach(s => s.Breaks).Must((s, b) => b is { AfterMinutes: >= 0, LengthMinutes: >= 1 and <= 1440 } && b.AfterMinutes + b.LengthMinutes <= s.LengthMinutes).Refuse("break_outside");
        RuleFor(s => s.Breaks).Must(breaks => breaks.OrderBy(b => b.AfterMinutes).Zip(breaks.OrderBy(b => b.AfterMinutes).Skip(1))
            .All(pair => pair.First.AfterMinutes + pair.First.LengthMinutes <= pair.Second.AfterMinutes)).Refuse("breaks_overlap");
    }
}

/// <summary>Hours belong to every exception but a closed day; the reason always.</summary>
public sealed class CalendarExceptionValidator : AbstractValidator<CalendarException>
{
    public CalendarExceptionValidator()
    {
        RuleFor(e => e.Kind).Known();
        RuleFor(e => e.OnDay).Must(d => d.Year is >= 2000 and < 2200).Refuse("not_valid");
        RuleFor(e => e.Reason).Named(200);
        RuleFor(e => e.DepartmentId).Must((e, d) => e.MachineId is null || d is null).Refuse("not_valid");
        RuleFor(e => e.StartsMinute).Within(0, 1439);
        RuleFor(e => e.LengthMinutes).Within(1, 1440);
        RuleFor(e => e.StartsMinute).Must((e, m) => e.Kind == ExceptionKind.Closed || m is not null).Refuse("required");
        RuleFor(e => e.LengthMinutes).Must((e, m) => e.Kind == ExceptionKind.Closed || m is not null).Refuse("required");
    }
}

/// <summary>A stop has a KPI class, the other lists have none.</summary>
public sealed class ReasonValidator : AbstractValidator<Reason>
{
    public ReasonValidator()
    {
        RuleFor(r => r.List).Known();
        RuleFor(r => r.Code).Named(32);
        RuleFor(r => r.Word).Named(80);
        RuleFor(r => r.Icon).Must(i => ReasonIcons.All.Contains(i)).Refuse("not_valid");
        RuleFor(r => r.Position).Within(0, 100_000);
        RuleFor(r => r.KpiClass).Must((r, k) => r.List != ReasonList.Stop || k is not null).Refuse("required");
    }
}
