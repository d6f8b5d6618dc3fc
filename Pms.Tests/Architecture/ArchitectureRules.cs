using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pms.Tests.Architecture;

/// <summary>The starred rules of docs/architecture.md, each a pure function that names every breach it finds.</summary>
public static partial class ArchitectureRules
{
    private static readonly HashSet<string> Ground = ["Common", "Data", "Events"];
    private static readonly string[] Drivers = ["Dapper", "MySqlConnector", "Microsoft.Data.Sqlite"];

    /// <summary>Web reaches the database through Core only.</summary>
    public static IEnumerable<string> WebKnowsNoDriver(IEnumerable<SourceFile> files, IEnumerable<AssemblyName> references) =>
        (from reference in references where Drivers.Contains(reference.Name) select $"Pms.Web references {reference.Name}")
        .Concat(
            from file in files
            where file.Path.StartsWith("Pms.Web/", StringComparison.Ordinal)
            from driver in Drivers
            where Regex.IsMatch(file.Text, file.IsCSharp || file.IsRazor
                ? $@"(?m)^\s*(global\s+|@)?using\s+(static\s+)?{Regex.Escape(driver)}\b"
                : $@"PackageReference\s+Include=""{Regex.Escape(driver)}[\."" ]")
            select $"{file.Path} names {driver}");

    /// <summary>Common, Data and Events name no feature: neither in a using nor in the signature of a type.</summary>
    public static IEnumerable<string> GroundNamesNoFeature(IEnumerable<SourceFile> files)
    {
        var core = files.Where(f => f.Project == "Pms.Core" && f.IsCSharp).ToList();
        var declared = (
            from file in core
            where file.Feature is not "" && !Ground.Contains(file.Feature)
            from type in file.Nodes<BaseTypeDeclarationSyntax>()
            where !type.Modifiers.Any(m => m.ValueText is "private")
            select (type.Identifier.ValueText, file.Feature)).Distinct().ToLookup(t => t.ValueText, t => t.Feature);
        var features = core.Select(f => f.Feature).Where(f => f is not "" && !Ground.Contains(f)).ToHashSet();

        return (
            from file in core
            where Ground.Contains(file.Feature)
            from name in file.Nodes<NameSyntax>().OfType<QualifiedNameSyntax>()
            let parts = name.ToString().Split('.')
            where parts is ["Pms", "Core", var noun, ..] && features.Contains(noun)
            select $"{file.Path} names {name}").Concat(
            // Names in type position only: a property of the ground may be called Order without meaning the feature's.
            from file in core
            where Ground.Contains(file.Feature)
            let own = file.Nodes<BaseTypeDeclarationSyntax>().Select(t => t.Identifier.ValueText).ToHashSet()
            let opened = file.Nodes<UsingDirectiveSyntax>().Select(u => u.Name?.ToString() ?? "").ToList()
            from name in file.Nodes<SimpleNameSyntax>()
            let word = name.Identifier.ValueText
            where declared[word].Any(f => opened.Contains("Pms.Core." + f)) && !own.Contains(word)
            select $"{file.Path} names {word}").Concat(
            from file in files
            where file.Project == "Pms.Core" && (file.IsCSharp && file.Text.Contains("global using Pms.Core.", StringComparison.Ordinal)
                || file.Name.EndsWith(".csproj", StringComparison.Ordinal) && file.Text.Contains("<Using Include=\"Pms.Core.", StringComparison.Ordinal))
            select $"{file.Path} opens a feature for everybody").Distinct();
    }

    /// <summary>A feature uses its own repositories and the ground's; another's only through its service. Read-only queries may join anything.</summary>
    public static IEnumerable<string> RepositoriesStayInTheirFeature(IEnumerable<SourceFile> files)
    {
        var all = files.Where(f => f.Project is "Pms.Core" or "Pms.Web" && (f.IsCSharp || f.IsRazor)).ToList();
        var homes = all.Where(f => f.IsCSharp).SelectMany(f => f.Nodes<ClassDeclarationSyntax>()
                .Where(c => c.Identifier.ValueText.EndsWith("Repository", StringComparison.Ordinal))
                .Select(c => (Name: c.Identifier.ValueText, f.Project, f.Feature)))
            .ToLookup(c => c.Name);
        return (
            from file in all
            where file.Path != "Pms.Core/ServiceRegistration.cs"
            from word in file.Words
            where word.Word.EndsWith("Repository", StringComparison.Ordinal) && homes.Contains(word.Word)
                && !homes[word.Word].Any(h => h.Project == file.Project && h.Feature == file.Feature || Ground.Contains(h.Feature))
            select $"{file.At(word.Line)} uses {word.Word} of {homes[word.Word].First().Feature}").Distinct();
    }

    /// <summary>SQL stands in repositories, queries, Data and the two writers that join every transaction (AuditLog, Outbox), and is composed of constants only.</summary>
    public static IEnumerable<string> SqlStandsInItsPlace(IEnumerable<SourceFile> files)
    {
        var all = files.Where(f => f.Project is "Pms.Core" or "Pms.Web" && (f.IsCSharp || f.IsRazor)).ToList();
        var constants = all.Where(f => f.IsCSharp).SelectMany(f => f.Nodes<FieldDeclarationSyntax>())
            .Where(f => f.Modifiers.Any(m => m.ValueText == "const"))
            .SelectMany(f => f.Declaration.Variables).Select(v => v.Identifier.ValueText).ToHashSet();
        static bool IsLocalConstant(SourceFile file, string name) => file.IsCSharp && file.Nodes<LocalDeclarationStatementSyntax>()
            .Any(l => l.IsConst && l.Declaration.Variables.Any(v => v.Identifier.ValueText == name));
        return
            from file in all
            let place = IsSqlPlace(file)
            from text in file.Strings
            where Sql().IsMatch(text.Text)
            let input = text.Holes.Where(h => !h.StartsWith("nameof(", StringComparison.Ordinal) && !constants.Contains(h.Split('.')[^1]) && !IsLocalConstant(file, h)).ToList()
            where !place || input.Count > 0 && file.Feature != "Data"
            select place
                ? $"{file.At(text.Line)} puts {string.Join(", ", input)} into SQL, which is no constant: use a parameter"
                : $"{file.At(text.Line)} holds SQL: it belongs into a repository or queries class";
    }

    /// <summary>Time comes from TimeProvider, and never from the database's clock.</summary>
    public static IEnumerable<string> TimeComesFromTimeProvider(IEnumerable<SourceFile> files) =>
        (from file in files
         where file.Project is "Pms.Core" or "Pms.Web" && file.IsCSharp
         from access in file.Nodes<MemberAccessExpressionSyntax>()
         let text = $"{access.Expression.ToString().Split('.')[^1]}.{access.Name}"
         where text is "DateTime.Now" or "DateTime.UtcNow" or "DateTime.Today" or "DateTimeOffset.Now" or "DateTimeOffset.UtcNow" or "Environment.TickCount" or "Environment.TickCount64"
             or "Stopwatch.StartNew" or "Stopwatch.GetTimestamp"
             || text == "TimeProvider.System" && file.Name is not ("ServiceRegistration.cs" or "Program.cs")
         select $"{file.At(access.GetLocation().GetLineSpan().StartLinePosition.Line + 1)} reads {text}").Concat(
         from file in files
         where file.Project is "Pms.Core" or "Pms.Web" && file.IsRazor
         from Match match in WallClock().Matches(file.Markup)
         select $"{file.At(file.LineAt(match.Index))} reads {match.Value}").Concat(
         from file in files
         where file.Project is "Pms.Core" && (file.IsCSharp && IsSqlPlace(file))
         from text in file.Strings
         where Sql().IsMatch(text.Text) && DatabaseClock().IsMatch(text.Text)
         select $"{file.At(text.Line)} asks the database for the time").Concat(
         from file in files
         where file.Path.StartsWith("Pms.Core/Data/Migrations/", StringComparison.Ordinal) && DatabaseClock().IsMatch(SqlComment().Replace(file.Text, ""))
         select $"{file.Path} asks the database for the time");

    /// <summary>No script of our own: no file, no element, no handler in markup.</summary>
    public static IEnumerable<string> NoScriptOfOurOwn(IEnumerable<SourceFile> files) =>
        (from file in files
         where ScriptFile().IsMatch(file.Path)
         select $"{file.Path} is a script").Concat(
         from file in files
         where file.IsRazor || file.Name.EndsWith(".html", StringComparison.Ordinal)
         from Match match in InlineScript().Matches(file.Markup)
         select $"{file.At(file.LineAt(match.Index))} has {match.Value.Trim()}");

    /// <summary>A style in markup carries data in custom properties and nothing else.</summary>
    public static IEnumerable<string> StylesStandInStyleSheets(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsRazor || file.Name.EndsWith(".html", StringComparison.Ordinal)
        from Match match in InlineStyle().Matches(file.Markup)
        let value = match.Groups["value"].Value.Trim()
        where !value.TrimStart('@', '(', '$', '"').StartsWith("--", StringComparison.Ordinal)
            || value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Any(d => Declaration().IsMatch(d))
        select $"{file.At(file.LineAt(match.Index))} has {match.Value.Trim()}";

    /// <summary>
    /// A text field is bound, so that the renderer knows what the browser holds. A value written beside an oninput of one's own goes back to the field with each letter's answer,
    /// and takes away what was typed since. A list's search box begins with a text and is never written to.
    /// </summary>
    public static IEnumerable<string> TypedTextIsBound(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsRazor
        from Match match in ValueBesideInput().Matches(file.Markup)
        select $"{file.At(file.LineAt(match.Index))} writes back what is typed; bind it";

    /// <summary>The word Job is the plant's: what a scheduler or host runs is called otherwise.</summary>
    public static IEnumerable<string> SchedulerClassesAreNoJobs(IEnumerable<Type> types) =>
        from type in types
        where type.Name.EndsWith("Job", StringComparison.Ordinal)
            && type.GetInterfaces().Any(i => i.Name is "IJob" or "IHostedService")
        select $"{type} is run by a scheduler or host and is called a job";

    /// <summary>Every test that takes an engine runs on both.</summary>
    public static IEnumerable<string> EngineTestsRunOnBoth(IReadOnlyCollection<Type> types) =>
        from type in types
        where type is { IsAbstract: true, IsClass: true } && type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Any(c => c.GetParameters().Any(p => p.ParameterType == typeof(Support.Engine)))
        where !types.Any(t => t.BaseType == type && t.IsAbstract)   // a base of such tests has none itself
        let children = types.Where(t => t.BaseType == type && !t.IsAbstract).Select(t => t.Name).Order().ToList()
        where !children.SequenceEqual([$"{type.Name}_on_MariaDB", $"{type.Name}_on_SQLite"])
        select $"{type} has the children [{string.Join(", ", children)}], not {type.Name}_on_SQLite and {type.Name}_on_MariaDB";

    /// <summary>A test with a browser stands in one of the two lines of browsers, so that not several of them starve each other.</summary>
    public static IEnumerable<string> BrowsersStandInLine(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Project == "Pms.Tests" && file.IsCSharp
        from type in file.Nodes<ClassDeclarationSyntax>()
        where type.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Any(a => a.ToString() == "Browser.OpenAsync")
            && !type.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.ToString() is "Collection(Browser.Line)" or "Collection(Browser.SecondLine)")
        select $"{file.Path}: {type.Identifier.ValueText} opens a browser and lacks [Collection(Browser.Line)] or [Collection(Browser.SecondLine)]";

    private static bool IsSqlPlace(SourceFile file) => file.Project == "Pms.Core" &&
        (file.Feature == "Data" || file.Name is "AuditLog.cs" || file.Path is "Pms.Core/Events/Outbox.cs" || SqlPlace().IsMatch(file.Name));

    [GeneratedRegex(@"(Repository|Queries)(\.\w+)?\.cs$")]
    private static partial Regex SqlPlace();

    [GeneratedRegex(@"\bSELECT\s[\s\S]*\bFROM\s|^\s*SELECT\s+[\w@(*]|\bINSERT\s+INTO\s|\bUPDATE\s+[\w`]+\s+SET\s|\bDELETE\s+FROM\s|\b(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|DATABASE)\s|^\s*(WHERE|ORDER BY|GROUP BY|LEFT JOIN|JOIN)\s+\w+\.?\w*\b\s*(=|,|ON\b|IN\b|IS\b|$)")]
    private static partial Regex Sql();

    [GeneratedRegex(@"\b(NOW|SYSDATE|UTC_TIMESTAMP|UNIX_TIMESTAMP|CURDATE|strftime|julianday)\s*\(|\bCURRENT_(TIMESTAMP|DATE|TIME)\b", RegexOptions.IgnoreCase)]
    private static partial Regex DatabaseClock();

    [GeneratedRegex(@"--.*$", RegexOptions.Multiline)]
    private static partial Regex SqlComment();

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\.(Now|UtcNow|Today)\b|\bTimeProvider\.System\b|\bStopwatch\.(StartNew|GetTimestamp)\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\.(js|mjs|cjs|jsx|ts|mts|tsx)$")]
    private static partial Regex ScriptFile();

    [GeneratedRegex(@"<script(?![^>]*\bsrc=)[^>]*>|(?<![@\w-])(?-i:on)(click|dblclick|change|input|submit|reset|load|error|key\w+|mouse\w+|touch\w+|pointer\w+|focus\w*|blur|drag\w*|drop|scroll|wheel|toggle)\s*=\s*[""']|href\s*=\s*[""']\s*javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex("""<(input|textarea)\b.*\svalue="@(?!_given").*\s@oninput=""")]
    private static partial Regex ValueBesideInput();

    [GeneratedRegex(@"(?<![\w-])(style|\w*Style)\s*=\s*(?:""(?<value>@\(.*?\)|[^""]*)""|'(?<value>[^']*)')", RegexOptions.Singleline)]
    private static partial Regex InlineStyle();

    /// <summary>A declaration of a real property; a custom one starts with two hyphens.</summary>
    [GeneratedRegex(@"^(?![@($""]*--)[a-z-]+\s*:")]
    private static partial Regex Declaration();
}
