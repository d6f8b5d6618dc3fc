using System.Data;
using System.Globalization;
using Dapper;

namespace Pms.Core.Data;

/// <summary>
/// How values look in both databases: instants as UTC milliseconds, decimals as integers ×1 000 000 (exact, checked for overflow),
/// plant days as <c>yyyy-MM-dd</c>, enums by name. DECIMAL on SQLite would be REAL, and Dapper would store enums as numbers.
/// </summary>
public static class DbValue
{
    /// <summary>What one unit of a stored amount or quantity is multiplied by.</summary>
    public const long Scale = 1_000_000;

    static DbValue()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        Install(new Instant());
        Install(new Scaled());
        Install(new Day());
    }

    /// <summary>Registers the handlers with Dapper, once.</summary>
    public static void Install() { }

    /// <summary>The stored form of a value, for parameters that are bound by name.</summary>
    /// <exception cref="OverflowException">A decimal outside ±9.2×10¹² or with more than six places.</exception>
    public static object? Of(object? value) => value switch
    {
        DateTimeOffset instant => instant.ToUnixTimeMilliseconds(),
        decimal amount => ToScaled(amount),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Enum e => e.ToString(),
        _ => value,
    };

    /// <summary>Exact: refuses what six decimal places can't hold.</summary>
    public static long ToScaled(decimal amount)
    {
        var scaled = amount * Scale;
        if (scaled != decimal.Truncate(scaled))
            throw new OverflowException($"{amount} has more than six decimal places.");
        return decimal.ToInt64(scaled);
    }

    public static decimal FromScaled(object stored) => Convert.ToDecimal(stored, CultureInfo.InvariantCulture) / Scale;

    private static void Install<T>(SqlMapper.TypeHandler<T> handler) where T : struct
    {
        SqlMapper.RemoveTypeMap(typeof(T));
        SqlMapper.RemoveTypeMap(typeof(T?));
        SqlMapper.AddTypeHandler(handler);
    }

    private sealed class Instant : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => Set(parameter, DbType.Int64, value);
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, CultureInfo.InvariantCulture));
    }

    private sealed class Scaled : SqlMapper.TypeHandler<decimal>
    {
        public override void SetValue(IDbDataParameter parameter, decimal value) => Set(parameter, DbType.Int64, value);
        public override decimal Parse(object value) => FromScaled(value);
    }

    private sealed class Day : SqlMapper.TypeHandler<DateOnly>
    {
        public override void SetValue(IDbDataParameter parameter, DateOnly value) => Set(parameter, DbType.String, value);
        public override DateOnly Parse(object value) => DateOnly.ParseExact((string)value, "yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static void Set(IDbDataParameter parameter, DbType type, object value)
    {
        parameter.DbType = type;
        parameter.Value = Of(value);
    }
}
