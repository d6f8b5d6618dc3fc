using FluentValidation;

namespace Pms.Core.Machines;

/// <summary>Limits of a machine's fields; the same as its columns'.</summary>
public sealed class MachineValidator : AbstractValidator<Machine>
{
    public MachineValidator()
    {
        RuleFor(m => m.Number).Named(32);
        RuleFor(m => m.Name).Named(120);
        RuleFor(m => m.DepartmentId).GreaterThan(0).Refuse("required");
        RuleFor(m => m.Type).AtMost(64);
        RuleFor(m => m.Manufacturer).AtMost(120);
        RuleFor(m => m.Model).AtMost(120);
        RuleFor(m => m.Serial).AtMost(120);
        RuleFor(m => m.SpeedFactor).Within(0.01m, 100m);
        RuleFor(m => m.PiecesPerCycle).Within(1, 10_000);
        RuleFor(m => m.IdealMinutes).Within(0.000001m, 100_000m);
        RuleFor(m => m.Slots).Within(1, 50);
        RuleFor(m => m.Stages).Must(s => s.Distinct().Count() == s.Count).Refuse("twice");
    }
}

/// <summary>Limits of a work centre's fields.</summary>
public sealed class WorkCentreValidator : AbstractValidator<WorkCentre>
{
    public WorkCentreValidator()
    {
        RuleFor(w => w.Code).Named(32);
        RuleFor(w => w.Name).Named(120);
        RuleFor(w => w.DepartmentId).GreaterThan(0).Refuse("required");
    }
}

/// <summary>A reading is a number that a counter can show, not from the future.</summary>
public sealed class MeterReadingValidator : AbstractValidator<MeterReading>
{
    public MeterReadingValidator(DateTimeOffset now)
    {
        RuleFor(r => r.Kind).Known();
        RuleFor(r => r.Value).Within(0m, 1_000_000_000_000m);
        RuleFor(r => r.At).Must(at => at <= now.AddMinutes(1)).Refuse("in_future").Must(at => at.Year >= 2000).Refuse("not_valid");
        RuleFor(r => r.Reason).AtMost(200).Must((r, why) => !r.IsReset || Text.Clean(why).Length > 0).Refuse("required");
    }
}

/// <summary>From a day to a day, both included; the end may be open.</summary>
public sealed class AllocationValidator : AbstractValidator<Allocation>
{
    public AllocationValidator()
    {
        RuleFor(a => a.EmployeeId).GreaterThan(0).Refuse("required");
        RuleFor(a => a.MachineId).GreaterThan(0).Refuse("required");
        RuleFor(a => a.Level).Known();
        RuleFor(a => a.FromDay).Must(d => d.Year is >= 2000 and < 2200).Refuse("not_valid");
        RuleFor(a => a.ToDay).Must((a, to) => to is null || to >= a.FromDay).Refuse("before_start");
    }
}

/// <summary>Some time that is not over, with a reason; half a year at most, for longer than that a machine is retired.</summary>
public sealed class MachineWindowValidator : AbstractValidator<MachineWindow>
{
    public MachineWindowValidator(DateTimeOffset now)
    {
        RuleFor(w => w.MachineId).GreaterThan(0).Refuse("required");
        RuleFor(w => w.StartsAt).Must(at => at.Year is >= 2000 and < 2200).Refuse("not_valid");
        RuleFor(w => w.EndsAt).Must((w, to) => to > w.StartsAt).Refuse("before_start").Must((w, to) => to - w.StartsAt <= TimeSpan.FromDays(184)).Refuse("too_many_days", 184).Must(to => to > now).Refuse("in_past");
        RuleFor(w => w.Reason).Named(200);
    }
}
