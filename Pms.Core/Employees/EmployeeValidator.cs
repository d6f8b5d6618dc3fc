using FluentValidation;

namespace Pms.Core.Employees;

/// <summary>Limits of an employee's fields; the same as their columns'.</summary>
public sealed class EmployeeValidator : AbstractValidator<Employee>
{
    public EmployeeValidator()
    {
        RuleFor(e => e.Number).Named(32);
        RuleFor(e => e.FirstName).Named(80);
        RuleFor(e => e.LastName).Named(80);
        RuleFor(e => e.DepartmentId).GreaterThan(0).Refuse("required");
        RuleFor(e => e.Kind).Known();
        RuleFor(e => e.Position).AtMost(80);
        RuleFor(e => e.Email).AtMost(200).Must(Mail).Refuse("not_an_email");
        RuleFor(e => e.Phone).AtMost(32);
        RuleFor(e => e.Slots).Within(1, 20);
        RuleFor(e => e.Skills).Must(s => s.Select(x => x.StageId).Distinct().Count() == s.Count).Refuse("twice");
        RuleFor(e => e.FurtherDepartments).Must(d => d.Count <= 50).Refuse("between", 0, 50);
    }

    /// <summary>One @ with something on both sides; only sending a mail tells more.</summary>
    private static bool Mail(string? text) => Text.Clean(text).Split('@') is [""] or [{ Length: > 0 }, { Length: > 0 }] && !Text.Clean(text).Contains(' ');
}

/// <summary>An absence ends after it starts and lasts at most five years.</summary>
public sealed class AbsenceValidator : AbstractValidator<Absence>
{
    public AbsenceValidator()
    {
        RuleFor(a => a.EmployeeId).GreaterThan(0).Refuse("required");
        RuleFor(a => a.Kind).Known();
        RuleFor(a => a.Note).AtMost(200);
        RuleFor(a => a.EndsAt).Must((a, end) => end > a.StartsAt).Refuse("before_start").Must((a, end) => end - a.StartsAt < TimeSpan.FromDays(5 * 366)).Refuse("too_far");
    }
}
