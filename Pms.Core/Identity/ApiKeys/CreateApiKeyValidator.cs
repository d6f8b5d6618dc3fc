using FluentValidation;

namespace Pms.Core.Identity.ApiKeys;

/// <summary>A key has a name, at least one permission that keys may have, an end, and a pace.</summary>
public sealed class CreateApiKeyValidator : AbstractValidator<CreateApiKey>
{
    public CreateApiKeyValidator(DateOnly today)
    {
        RuleFor(k => k.Name).Named(100);
        RuleFor(k => k.Permissions).Must(p => p.Count > 0).Refuse("required").Must(p => p.All(Permissions.ForKeys.Contains)).Refuse("unknown_value");
        RuleFor(k => k.Departments).Must(d => d.Count <= 200).Refuse("too_many", 200);
        RuleFor(k => k.PerMinute).InclusiveBetween(1, CreateApiKey.MostPerMinute);
        RuleFor(k => k.ExpiresOn).Must(d => d >= today).Refuse("in_the_past").Must(d => d.DayNumber - today.DayNumber <= CreateApiKey.MostDays).Refuse("too_far");
    }
}
