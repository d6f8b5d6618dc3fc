using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Pms.Tests.Support.LongestFirst", "Pms.Tests")]

namespace Pms.Tests.Support;

/// <summary>What takes longest begins first: the line of browsers, then the demo plant; all else runs beside them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(c => c.DisplayName switch
    {
        Browser.Line => 0,
        var name when name.Contains("Demo", StringComparison.Ordinal) => 1,
        _ => 2,
    });
}
