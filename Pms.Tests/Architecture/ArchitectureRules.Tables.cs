using System.Text.RegularExpressions;

namespace Pms.Tests.Architecture;

// Who writes which table.
public static partial class ArchitectureRules
{
    /// <summary>
    /// One repository writes a table. Two are beside it on purpose: the writers that join every transaction (AuditLog, Outbox) with the repository that tends the rows
    /// afterwards, and the demo plant, which fills an empty database of its own. Rows of the ground's settings belong to whoever names them.
    /// </summary>
    public static IEnumerable<string> OneRepositoryWritesATable(IEnumerable<SourceFile> files) =>
        from write in (
            from file in files
            where file.Project == "Pms.Core" && file.IsCSharp && file.Feature is not ("Demo" or "Data") && file.Name is not ("AuditLog.cs" or "Outbox.cs")
            from text in file.Strings
            from Match match in Written().Matches(text.Text)
            select (Table: match.Groups[1].Value, Writer: file.Path[..^file.Name.Length] + file.Name.Split('.')[0])).Distinct()   // a partial class is one writer
        where write.Table is not ("settings" or "audit")   // audit: written once by the log, then sealed and kept by its own feature
        group write.Writer by write.Table into writers
        where writers.Count() > 1
        select $"{writers.Key} is written by {string.Join(" and ", writers.Order())}";

    [GeneratedRegex(@"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+`?([a-z_]+)`?\s*(?:\(|SET\b|WHERE\b|$)")]
    private static partial Regex Written();
}
