using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Pms.Core.Sheets;

namespace Pms.Core.Imports;

/// <summary>Finds the table in a file: the sheet and row of the headings, the columns, how numbers and days are written, and which column is probably which field.</summary>
internal static partial class ImportProbe
{
    private const int Depth = 60, Sampled = 1_500, Shown = 5, MostTabs = 8;

    /// <summary>So many characters are enough to judge by: rows may be long.</summary>
    private const int MostText = 1_000_000;

    /// <param name="tab">Null finds the sheet whose headings fit best.</param>
    /// <param name="headerRow">Null finds it.</param>
    public static ImportShape Shape(SheetFile file, IImportDefinition definition, string? tab = null, int? headerRow = null)
    {
        var known = definition.Fields.SelectMany(f => f.Synonyms.Append(f.Name)).Select(ImportText.Squeezed).ToHashSet();
        var best = (Tab: file.Tabs[0], Row: 0, Score: -1);
        foreach (var candidate in tab is null ? file.Tabs.Take(MostTabs) : [file.Tabs.Contains(tab) ? tab : throw new InvalidException(nameof(ImportSetup.Tab), "unknown_value")])
        {
            foreach (var row in file.Rows(candidate).Take(headerRow is { } asked ? asked : Depth))
            {
                var texts = row.Cells.OfType<string>().ToList();
                var hits = texts.Select(ImportText.Squeezed).Where(known.Contains).Distinct().Count();
                // Headings that say nothing known are still headings: the first row with several texts.
                var score = headerRow == row.Number ? int.MaxValue : hits >= 2 || hits == 1 && texts.Count <= 3 ? hits * 100 : texts.Count >= 2 && row.Cells.All(c => c is null or string) ? 1 : -1;
                if (score > best.Score)
                    best = (candidate, row.Number, score);
            }
        }
        if (headerRow is not null && best.Row != headerRow)
            throw new InvalidException(nameof(ImportSetup.HeaderRow), "unknown_value");

        var sample = Sample(file.Rows(best.Tab).Take(best.Row + Sampled), best.Row);
        var columns = Columns(sample, best.Row);
        var body = sample.Where(r => r.Number > best.Row && !r.IsBlank).ToList();
        return new ImportShape
        {
            Tabs = file.Tabs, Tab = best.Tab, HeaderRow = best.Row, Columns = columns,
            Samples = [.. body.Take(Shown).Select(r => (IReadOnlyList<string>)[.. Enumerable.Range(0, columns.Count).Select(i => Cut(SheetValues.Shown(i < r.Cells.Count ? r.Cells[i] : null)))])],
            Habits = SheetHabits.Of(body.SelectMany(r => r.Cells), file.Separator),
            Encoding = file.Encoding?.WebName, Separator = file.Separator switch { null => null, '\t' => "tab", var c => c.ToString() },
        };
    }

    /// <summary>The same headings in the same order are the same layout.</summary>
    public static string Layout(ImportShape shape) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', shape.Columns.Select(ImportText.Squeezed)))));

    /// <summary>Exact headings first, then headings that begin or end with a known word; each column serves one field.</summary>
    public static Dictionary<string, int> Mapping(ImportShape shape, IImportDefinition definition)
    {
        var mapping = new Dictionary<string, int>();
        var heads = shape.Columns.Select(ImportText.Squeezed).ToList();
        void Match(Func<string, string, bool> fits)
        {
            foreach (var field in definition.Fields.Where(f => !mapping.ContainsKey(f.Name)))
                foreach (var word in field.Synonyms.Prepend(field.Name).Select(ImportText.Squeezed))
                {
                    var at = heads.FindIndex(h => h.Length > 0 && fits(h, word));
                    if (at < 0 || mapping.ContainsValue(at))
                        continue;
                    mapping[field.Name] = at;
                    break;
                }
        }
        Match((head, word) => head == word);
        Match((head, word) => word.Length >= 4 && (head.StartsWith(word, StringComparison.Ordinal) || head.EndsWith(word, StringComparison.Ordinal)));
        return mapping;
    }

    /// <summary>True for what stands below or between the records: blank lines, sums, headings once more.</summary>
    public static bool IsNoRecord(SheetRow row, ImportShape shape, IReadOnlyDictionary<string, string> values, string keyField)
    {
        if (row.IsBlank || values.Count == 0 && row.Cells.OfType<string>().Any(t => TotalWord().IsMatch(t)))
            return true;
        var key = values.GetValueOrDefault(keyField) ?? "";
        if (TotalWord().IsMatch(key) && values.Count <= Math.Max(2, shape.Columns.Count / 2))
            return true;
        if (key.Length == 0 && row.Cells.OfType<string>().Any(t => TotalWord().IsMatch(t)))
            return true;
        var texts = row.Cells.Select((c, i) => (Cell: c as string, i)).Where(c => c.Cell is not null).ToList();
        return texts.Count >= 2 && texts.Count == row.Cells.Count(c => c is not null) && texts.All(t => t.i < shape.Columns.Count && ImportText.Squeezed(t.Cell) == ImportText.Squeezed(shape.Columns[t.i]));
    }

    private static List<SheetRow> Sample(IEnumerable<SheetRow> rows, int headerRow)
    {
        var (sample, length) = (new List<SheetRow>(), 0L);
        foreach (var row in rows)
        {
            sample.Add(row);
            if (row.Number > headerRow && (length += row.Cells.Sum(c => (c as string)?.Length ?? 8)) > MostText)
                break;
        }
        return sample;
    }

    private static List<string> Columns(List<SheetRow> sample, int headerRow)
    {
        if (headerRow == 0)
            return [.. Enumerable.Range(1, sample.Count == 0 ? 0 : sample.Max(r => r.Cells.Count)).Select(n => $"#{n}")];
        var head = sample[headerRow - 1].Cells;
        var above = headerRow > 1 && sample[headerRow - 2].Cells.Count(c => c is not null) >= 2 ? sample[headerRow - 2].Cells : [];
        var width = Math.Max(head.Count, sample.Skip(headerRow).Take(200).Select(r => r.Cells.Count).DefaultIfEmpty(0).Max());
        while (width > head.Count && sample.Skip(headerRow).All(r => r.Cells.Count < width || r.Cells[width - 1] is null))
            width--;
        var titles = new List<string>();
        for (var i = 0; i < width; i++)
        {
            // A heading merged over two rows stands in the upper one.
            var title = Cut(SheetValues.Shown(i < head.Count && head[i] is { } own ? own : i < above.Count ? above[i] : null));
            if (title.Length == 0)
                title = $"#{i + 1}";
            var name = title;
            for (var n = 2; titles.Contains(name); n++)
                name = $"{title} ({n})";
            titles.Add(name);
        }
        return titles;
    }

    private static string Cut(string text) => text.ReplaceLineEndings(" ") is { Length: > 80 } long_ ? long_[..79] + "…" : text.ReplaceLineEndings(" ");

    [GeneratedRegex(@"^\s*(grand\s+|sub)?-?\s*(total|totals|totaal|sum|summe|gesamt|gesamtsumme|somme|subtotal|zwischensumme)\b[\s:]*", RegexOptions.IgnoreCase)]
    private static partial Regex TotalWord();
}
