using FluentValidation;
using FluentValidation.Results;

namespace Pms.Core;

/// <summary>
/// Turns what a validator finds into <see cref="InvalidException"/>: one fault per field path, as a code with arguments.
/// A rule names its code by <see cref="Refuse{T,TProperty}"/>; FluentValidation's own rules keep the codes of <see cref="Codes"/>.
/// </summary>
public static class Validation
{
    /// <summary>Our codes of the built-in rules; {0} is the limit where there is one.</summary>
    private static readonly Dictionary<string, (string Code, string[] Args)> Codes = new()
    {
        ["NotEmptyValidator"] = ("required", []),
        ["NotNullValidator"] = ("required", []),
        ["MaximumLengthValidator"] = ("too_long", ["MaxLength"]),
        ["LengthValidator"] = ("too_long", ["MaxLength"]),
        ["ExactLengthValidator"] = ("exact_length", ["MaxLength"]),
        ["MinimumLengthValidator"] = ("too_short", ["MinLength"]),
        ["GreaterThanValidator"] = ("more_than", ["ComparisonValue"]),
        ["GreaterThanOrEqualValidator"] = ("at_least", ["ComparisonValue"]),
        ["LessThanValidator"] = ("less_than", ["ComparisonValue"]),
        ["LessThanOrEqualValidator"] = ("at_most", ["ComparisonValue"]),
        ["InclusiveBetweenValidator"] = ("between", ["From", "To"]),
        ["ScalePrecisionValidator"] = ("too_many_decimals", ["ExpectedScale"]),
        ["EmailValidator"] = ("not_an_email", []),
        ["EnumValidator"] = ("unknown_value", []),
    };

    /// <exception cref="InvalidException">The request breaks at least one rule.</exception>
    public static void Demand<T>(this IValidator<T> validator, T request)
    {
        var result = validator.Validate(request);
        if (!result.IsValid)
            throw new InvalidException(Faults(result));
    }

    /// <summary>Names the refusal of the rule before it, with arguments for its words.</summary>
    public static IRuleBuilderOptions<T, TProperty> Refuse<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, string code, params object?[] args) =>
        rule.WithErrorCode(code).WithState(_ => args);

    /// <summary>The faults of a result, for forms that show them beside their fields.</summary>
    public static IReadOnlyList<Fault> Faults(ValidationResult result) => [.. result.Errors.Select(e => new Fault(e.PropertyName, Why(e)))];

    private static Refusal Why(ValidationFailure failure) =>
        failure.CustomState is object?[] args ? new Refusal(failure.ErrorCode, args)
        : Codes.TryGetValue(failure.ErrorCode, out var known) ? new Refusal(known.Code, [.. known.Args.Select(a => failure.FormattedMessagePlaceholderValues?.GetValueOrDefault(a))])
        : new Refusal(failure.ErrorCode is { Length: > 0 } code && !code.EndsWith("Validator", StringComparison.Ordinal) ? code : "not_valid");
}
