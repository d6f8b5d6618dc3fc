using FluentValidation;

namespace Pms.Core;

/// <summary>Rules that validators of every feature share, with their codes; limits are those of the columns.</summary>
public static class Rules
{
    /// <summary>More pieces than any order of a plant has; a typing error, not a quantity.</summary>
    public const decimal MaxQuantity = 1_000_000_000m;

    /// <summary>A code or name that must be there and fit its column, folded form included.</summary>
    public static IRuleBuilderOptions<T, string> Named<T>(this IRuleBuilder<T, string> rule, int length) => rule
        .Must(text => Text.Clean(text).Length > 0).Refuse("required")
        .Must(text => Text.Clean(text).Length <= length && Text.Key(text).Length <= length).Refuse("too_long", length)
        .Must(text => Text.Clean(text).Length == 0 || Text.Key(text).Length > 0).Refuse("not_valid");

    /// <summary>A text that may be missing and fits its column.</summary>
    public static IRuleBuilderOptions<T, string?> AtMost<T>(this IRuleBuilder<T, string?> rule, int length) => rule
        .Must(text => Text.Clean(text).Length <= length).Refuse("too_long", length);

    public static IRuleBuilderOptions<T, int> Within<T>(this IRuleBuilder<T, int> rule, int min, int max) => rule
        .Must(n => n >= min && n <= max).Refuse("between", min, max);

    public static IRuleBuilderOptions<T, int?> Within<T>(this IRuleBuilder<T, int?> rule, int min, int max) => rule
        .Must(n => n is null || n >= min && n <= max).Refuse("between", min, max);

    /// <summary>An amount between two bounds with at most six places; null passes.</summary>
    public static IRuleBuilderOptions<T, decimal?> Within<T>(this IRuleBuilder<T, decimal?> rule, decimal min, decimal max) => rule
        .Must(n => n is null || n >= min && n <= max).Refuse("between", min, max)
        .Must(n => n is null || n > max || n < min || decimal.Round(n.Value, 6) == n).Refuse("too_many_decimals", 6);

    public static IRuleBuilderOptions<T, decimal> Within<T>(this IRuleBuilder<T, decimal> rule, decimal min, decimal max) => rule
        .Must(n => n >= min && n <= max).Refuse("between", min, max)
        .Must(n => n > max || n < min || decimal.Round(n, 6) == n).Refuse("too_many_decimals", 6);

    /// <summary>More than nothing, at most <see cref="MaxQuantity"/>.</summary>
    public static IRuleBuilderOptions<T, decimal> Quantity<T>(this IRuleBuilder<T, decimal> rule) => rule.Within(0.000001m, MaxQuantity);

    /// <summary>A member of its enum; a number cast to one is not.</summary>
    public static IRuleBuilderOptions<T, TEnum> Known<T, TEnum>(this IRuleBuilder<T, TEnum> rule) where TEnum : struct, Enum => rule
        .Must(Enum.IsDefined).Refuse("unknown_value");
}
