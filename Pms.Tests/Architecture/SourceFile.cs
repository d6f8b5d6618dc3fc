using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pms.Tests.Support;

namespace Pms.Tests.Architecture;

/// <summary>One file of the repository as the rules see it: its path from the root (with /) and its text.</summary>
public sealed partial record SourceFile(string Path, string Text)
{
    private static readonly HashSet<string> Skipped = ["bin", "obj", "data", "artifacts", "TestResults", "node_modules"];
    private SyntaxNode? root;

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsRazor => Path.EndsWith(".razor", StringComparison.Ordinal) || Path.EndsWith(".cshtml", StringComparison.Ordinal);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The project's folder, such as <c>Pms.Core</c>.</summary>
    public string Project => Path.Split('/')[0];

    /// <summary>The first folder inside the project, which is the noun: <c>Jobs</c>; empty for files at the project's top.</summary>
    public string Feature => Path.Split('/') is { Length: > 2 } parts ? parts[1] : "";

    /// <summary>Razor text without its comments.</summary>
    public string Markup => RazorComments().Replace(Text, m => new string('\n', m.Value.Count(c => c == '\n')));

    /// <summary>All tokens of a C# file; comments are none.</summary>
    public IEnumerable<SyntaxToken> Tokens => Root.DescendantTokens();

    /// <summary>All nodes of a C# file.</summary>
    public IEnumerable<T> Nodes<T>() where T : SyntaxNode => Root.DescendantNodes().OfType<T>();

    /// <summary>Identifiers of a C# file, or of everything but the comments of a Razor file, each with its line.</summary>
    public IEnumerable<(string Word, int Line)> Words => IsCSharp
        ? from token in Tokens where token.IsKind(SyntaxKind.IdentifierToken) select (token.ValueText, Line(token))
        : from match in Word().Matches(Markup) select (match.Value, LineAt(match.Index));

    /// <summary>The string literals of a C# file, or the quoted texts of a Razor file; holes of interpolated ones stand as {…}.</summary>
    public IEnumerable<(string Text, int Line, IReadOnlyList<string> Holes)> Strings => IsCSharp
        ? from node in Root.DescendantNodes()
          let found = node switch
          {
              LiteralExpressionSyntax { Token.Value: string text } => (Text: text, Holes: (IReadOnlyList<string>)[]),
              InterpolatedStringExpressionSyntax s => (string.Concat(s.Contents), [.. s.Contents.OfType<InterpolationSyntax>().Select(i => i.Expression.ToString())]),
              _ => default,
          }
          where found.Text is not null
          select (found.Text, Line(node.GetFirstToken()), found.Holes)
        : from match in Quoted().Matches(Markup) select (match.Value, LineAt(match.Index), (IReadOnlyList<string>)[]);

    private SyntaxNode Root => root ??= CSharpSyntaxTree.ParseText(Text).GetRoot();

    /// <summary>Everything in the repository that people wrote: no build output, no data, no hidden folder.</summary>
    public static IEnumerable<SourceFile> Repository() => Folder(new DirectoryInfo(TestRun.Repository))
        .Select(f => new SourceFile(System.IO.Path.GetRelativePath(TestRun.Repository, f.FullName).Replace('\\', '/'), IsText(f) ? File.ReadAllText(f.FullName) : ""));

    public int LineAt(int index) => Text.AsSpan(0, Math.Min(index, Text.Length)).Count('\n') + 1;

    public string At(int line) => $"{Path}:{line}";

    public override string ToString() => Path;

    private static int Line(SyntaxToken token) => token.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private static bool IsText(FileInfo file) => file.Extension is ".cs" or ".razor" or ".cshtml" or ".csproj" or ".props" or ".targets" or ".sql" or ".css" or ".html" or ".md" or ".json";

    private static IEnumerable<FileInfo> Folder(DirectoryInfo folder) => folder.EnumerateFiles().Concat(
        from inner in folder.EnumerateDirectories()
        where !inner.Name.StartsWith('.') && !Skipped.Contains(inner.Name) || inner.Name == "Data"
        from file in Folder(inner)
        select file);

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex RazorComments();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();

    [GeneratedRegex("\"\"\".*?\"\"\"|\"[^\"]*\"", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
