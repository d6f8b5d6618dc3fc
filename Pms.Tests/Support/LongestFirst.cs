using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Pms.Tests.Support.LongestFirst", "Pms.Tests")]

namespace Pms.Tests.Support;

/// <summary>What takes longest begins first: the lines of browsers, then the longest single tests; all else runs beside them, and nothing long is left for the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = ["Demo", "Faulty", "PowerCut", "ApiSurface", "WebRules"];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(c => c.DisplayName switch
    {
        Browser.Line or Browser.SecondLine => 0,
        var name when Long.Any(l => name.Contains(l, StringComparison.Ordinal)) => 1,
        _ => 2,
    });
}
