using FluentValidation;

namespace Pms.Core.Identity.Users;

/// <summary>What a new user must look like before anything is looked up.</summary>
public sealed class CreateUserValidator : AbstractValidator<CreateUser>
{
    public CreateUserValidator()
    {
        RuleFor(u => u.UserName).Must(n => Text.Clean(n).Length > 0).Refuse("required");
        RuleFor(u => u.UserName).Must(n => Text.Clean(n).Length is 0 or >= 3).Refuse("too_short", 3);
        RuleFor(u => u.UserName).MaximumLength(64);
        RuleFor(u => u.UserName).Must(n => !Text.Clean(n).Any(char.IsWhiteSpace)).Refuse("user.name_blank");
        RuleFor(u => u.DisplayName).Must(n => Text.Clean(n).Length > 0).Refuse("required").MaximumLength(120);
        RuleFor(u => u.Email).MaximumLength(200).EmailAddress().When(u => !string.IsNullOrWhiteSpace(u.Email));
        RuleFor(u => u.RoleIds).Must(r => r.Count <= 50).Refuse("too_many", 50);
        RuleFor(u => u.DepartmentIds).Must(d => d.Count <= 500).Refuse("too_many", 500);
    }
}

/// <summary>What a change of a user must look like.</summary>
public sealed class UpdateUserValidator : AbstractValidator<UpdateUser>
{
    public UpdateUserValidator()
    {
        RuleFor(u => u.DisplayName).Must(n => Text.Clean(n).Length > 0).Refuse("required").MaximumLength(120);
        RuleFor(u => u.Email).MaximumLength(200).EmailAddress().When(u => !string.IsNullOrWhiteSpace(u.Email));
        RuleFor(u => u.Culture).MaximumLength(16);
        RuleFor(u => u.Language).Must(l => string.IsNullOrWhiteSpace(l) || PlantSettings.Languages.Contains(l)).Refuse("unknown_value");
        RuleFor(u => u.RoleIds).Must(r => r.Count <= 50).Refuse("too_many", 50);
        RuleFor(u => u.DepartmentIds).Must(d => d.Count <= 500).Refuse("too_many", 500);
    }
}
