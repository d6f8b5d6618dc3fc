using System.Globalization;

namespace Pms.Tests.Support;

/// <summary>
/// The time a whole program has in a test: as fast as the real one, but begun on a Wednesday at ten in the plant, so that "tomorrow" or "four hours ago"
/// is the same whenever the test runs. <c>PMS_TESTS_AT=2031-03-30T01:30</c> (time of the plant, in the future: browsers drop what is over) begins it elsewhere.
/// </summary>
public sealed class PlantTime : TimeProvider
{
    public const string Zone = "Europe/Berlin";

    private static readonly DateTimeOffset Begin = Parse(Environment.GetEnvironmentVariable("PMS_TESTS_AT") is { Length: > 0 } at ? at : "2031-06-11T10:00");

    private readonly TimeSpan ahead = Begin - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;

    private static DateTimeOffset Parse(string at) =>
        new(TimeZoneInfo.ConvertTimeToUtc(DateTime.ParseExact(at, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(Zone)));
}
