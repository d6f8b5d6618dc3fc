using System.Text.RegularExpressions;
using Pms.Tests.Support;

namespace Pms.Tests.Security;

/// <summary>docs/security.md promises nothing that no test holds: each test that it names is there, by its class and, where it says so, by the beginning of its name.</summary>
public sealed partial class SecurityTableTests
{
    [Fact]
    public async Task Every_test_that_the_security_table_names_is_there()
    {
        var named = Named().Matches(await File.ReadAllTextAsync(Path.Combine(TestRun.Repository, "docs", "security.md"))).Select(m => (Class: m.Groups["class"].Value, Test: m.Groups["test"].Value.TrimEnd('…'))).Distinct().ToList();
        Assert.True(named.Count > 80);
        var types = typeof(SecurityTableTests).Assembly.GetTypes();
        Assert.DoesNotContain(named, n => !types.Any(t => t.Name == n.Class && (n.Test.Length == 0 || t.GetMethods().Any(m => m.Name.StartsWith(n.Test, StringComparison.Ordinal)))));
    }

    [GeneratedRegex(@"`(?<class>[A-Z]\w*Tests)(?:\.(?<test>[A-Z]\w*…?))?`")]
    private static partial Regex Named();
}
