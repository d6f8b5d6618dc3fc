using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Floor.WallBoards;
using Pms.Core.Jobs;
using Pms.Core.Maintenance;

namespace Pms.Tests.Shared;

public sealed partial class TextsTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void Every_text_a_page_asks_for_exists()
    {
        var uses = (
            from file in Sources("Pms.Web")
            let code = File.ReadAllText(file)
            from Match localizer in Localizer().Matches(code)
            from Match use in Regex.Matches(code, $$"""\b{{localizer.Groups["name"].Value}}\[\s*"(?<key>[^"{]+)"\s*[,\]]""")
            select (File: Path.GetRelativePath(Root, file), Resource: localizer.Groups["resource"].Value, Key: use.Groups["key"].Value)).ToList();
        Assert.True(uses.Count > 30, "the texts of the pages were not found in their sources");
        var missing = uses.Where(u => !Keys(u.Resource).Contains(u.Key)).Select(u => $"{u.File}: {u.Resource}[{u.Key}]");
        Assert.True(!missing.Any(), string.Join("\n", missing));
    }

    [Fact]
    public void Every_refusal_has_its_words()
    {
        var known = Keys("RefusalTexts");
        var missing =
            from file in Sources("Pms.Core").Concat(Sources("Pms.Web"))
            from Match thrown in Thrown().Matches(File.ReadAllText(file))
            where !known.Contains(thrown.Groups["code"].Value)
            select $"{Path.GetRelativePath(Root, file)}: {thrown.Groups["code"].Value}";
        var list = missing.Distinct().ToList();
        Assert.True(list.Count == 0, "Give them words in Pms.Web/Resources/RefusalTexts.resx:\n" + string.Join("\n", list));
    }

    [Fact]
    public void Every_page_of_the_rail_has_a_name()
    {
        var known = Keys("Texts");
        Assert.All(Pms.Web.Shared.NavItems.All, i => Assert.Superset(new HashSet<string> { i.Text, i.Group }, known));
    }

    [Fact]
    public void No_text_stands_twice_in_one_file()
    {
        foreach (var file in Files())
        {
            Assert.Empty(Names(file).GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"{Path.GetFileName(file)}: {g.Key}"));
        }
    }

    /// <summary>Every language says everything, with the same places for values; the API's documentation is English.</summary>
    [Fact]
    public void Every_language_is_complete()
    {
        var wrong =
            from language in Pms.Core.PlantSettings.Languages.Skip(1)
            from file in Files()
            let name = Path.GetFileNameWithoutExtension(file)
            where !name.Contains('.') && !name.StartsWith("Api", StringComparison.Ordinal)
            let other = Path.ChangeExtension(file, $".{language}.resx")
            from fault in !File.Exists(other) ? [$"{Path.GetFileName(other)} is missing"] : Differences(Path.GetFileName(other), Words(file), Words(other))
            select fault;
        var list = wrong.ToList();
        Assert.True(list.Count == 0, string.Join("\n", list));
    }

    /// <summary>The audit and the notes of a conflict call a field and its states by their words, in every language.</summary>
    [Fact]
    public void Every_field_that_may_change_has_a_word_and_so_have_its_states()
    {
        Type[] records = [.. typeof(IVersioned).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IVersioned)) && t.GetConstructor([]) is not null), typeof(Job), typeof(Ticket), typeof(WallBoard)];
        var fields = records.SelectMany(t => t.GetProperties()).Where(p => p.CanWrite && p.Name is not ("Id" or "Version") && !p.IsDefined(typeof(NotAuditedAttribute))).ToList();
        var states = fields.Select(p => Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType).Where(t => t.IsEnum).SelectMany(Enum.GetNames).Select(n => "Value_" + n).ToHashSet();
        Assert.True(fields.Count > 100 && states.Count > 40, $"{fields.Count} fields, {states.Count} states");
        Assert.Empty(fields.Select(p => "Field_" + p.Name).Concat(states).Except(Keys("AuditTexts")));
    }

    [Fact]
    public void A_text_that_lost_its_value_is_caught() => Assert.Equal(["x: B is missing", "x: C is unknown", "x: A has other places than {0}"],
        Differences("x", new() { ["A"] = "Of {0:0.#}", ["B"] = "b" }, new() { ["A"] = "Von {1}", ["C"] = "c" }));

    private static IEnumerable<string> Differences(string file, Dictionary<string, string> words, Dictionary<string, string> other) =>
        words.Keys.Except(other.Keys).Select(k => $"{file}: {k} is missing").Concat(other.Keys.Except(words.Keys).Select(k => $"{file}: {k} is unknown"))
            .Concat(from w in words where other.TryGetValue(w.Key, out var said) && Places(said) != Places(w.Value) select $"{file}: {w.Key} has other places than {Places(w.Value)}");

    private static string Places(string text) => string.Join(' ', Place().Matches(text).Select(m => m.Groups["place"].Value + "}").Distinct().Order(StringComparer.Ordinal));

    private static Dictionary<string, string> Words(string file) => XDocument.Load(file).Root!.Elements("data").ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value);

    /// <summary>WCAG 2.2 contrast of the tokens as they stand in the style sheet: words 4.5 : 1 on everything they stand on, edges of fields 3 : 1.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_colours_can_be_read(int theme)
    {
        var colours = Token().Matches(File.ReadAllText(Path.Combine(Root, "wwwroot", "css", "tokens.css")))
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups[theme == 0 ? "light" : "dark"].Value);
        (string Ink, string[] Grounds, double Least)[] pairs =
        [
            ("text", ["bg", "surface", "surface-2", "pause-bg", "stop-bg", "maint-bg", "run-bg", "brand-bg"], 7),
            ("text-2", ["bg", "surface", "surface-2", "pause-bg", "stop-bg", "maint-bg"], 4.5),
            ("brand", ["bg", "surface", "surface-2", "brand-bg"], 4.5), ("run", ["bg", "surface", "run-bg"], 4.5), ("pause", ["bg", "surface", "pause-bg"], 4.5),
            ("stop", ["bg", "surface", "stop-bg"], 4.5), ("maint", ["bg", "surface", "maint-bg"], 4.5),
            ("brand-ink", ["brand"], 4.5), ("run-ink", ["run"], 4.5), ("stop-ink", ["stop"], 4.5), ("line-strong", ["surface", "bg"], 3),
        ];
        Assert.Empty(
            from pair in pairs
            from ground in pair.Grounds
            let contrast = Contrast(colours[pair.Ink], colours[ground])
            where contrast < pair.Least
            select FormattableString.Invariant($"{pair.Ink} on {ground}: {contrast:0.00}, wants {pair.Least}"));
    }

    private static double Contrast(string one, string other)
    {
        double a = Luminance(one), b = Luminance(other);
        return (Math.Max(a, b) + .05) / (Math.Min(a, b) + .05);
    }

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var c = Convert.ToInt32(hex.Substring(at, 2), 16) / 255d;
            return c <= .04045 ? c / 12.92 : Math.Pow((c + .055) / 1.055, 2.4);
        }

        return .2126 * Channel(1) + .7152 * Channel(3) + .0722 * Channel(5);
    }

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root, project), "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal))
            .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"));

    private static readonly Dictionary<string, HashSet<string>> Resources = Files().ToDictionary(f => Path.GetFileNameWithoutExtension(f), f => Names(f).ToHashSet());

    private static HashSet<string> Keys(string resource) => Resources.GetValueOrDefault(resource) ?? [];

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Root, "Pms.Web"), "*.resx", SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"));

    private static IEnumerable<string> Names(string file) => XDocument.Load(file).Root!.Elements("data").Select(d => d.Attribute("name")!.Value);

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Pms.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }

    [GeneratedRegex(@"(?<place>\{\d+)[^}]*\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"IStringLocalizer<(?<resource>\w+)>\s+(?<name>\w+)")]
    private static partial Regex Localizer();

    [GeneratedRegex("""(?:\b(?:Rule|Conflict|Unauthenticated|Busy|TooMany)Exception|\bRefusal|\.Refuse|\bwarnings\.Add\(new|ReasonNeededException\(\[new)\(\s*"(?<code>[a-z_.]+)"|\bInvalidException\(\s*(?:"[^"]*"|nameof\([^)]*\))\s*,\s*"(?<code>[a-z_.]+)""")]
    private static partial Regex Thrown();

    [GeneratedRegex(@"^\s*--(?<name>[\w-]+): light-dark\((?<light>#[0-9a-f]{6}), (?<dark>#[0-9a-f]{6})\);", RegexOptions.Multiline)]
    private static partial Regex Token();
}
