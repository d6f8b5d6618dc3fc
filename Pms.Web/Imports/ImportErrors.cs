using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;
using Pms.Core;
using Pms.Core.Imports;
using Pms.Core.Sheets;
using Pms.Web.Shared;

namespace Pms.Web.Imports;

/// <summary>The wrong rows of an import as a file under the headings they came with, each with its columns and reasons: set right, it can be imported as it is.</summary>
public sealed class ImportErrors(ImportService imports, SheetExport export, RefusalWords refused, IStringLocalizer<ImportsTexts> words)
{
    public async Task<FileStreamHttpResult> FileAsync(Actor actor, Import import, SheetFormat format, CancellationToken ct)
    {
        var columns = import.Mapping.OrderBy(m => m.Value).ToList();
        var sheet = new Core.Sheets.Sheet
        {
            Name = words["Errors_Name"],
            Columns = [.. columns.Select(c => new SheetColumn(import.Shape.Columns[c.Value], 18)), new SheetColumn(words["Errors_Row"], 8), new SheetColumn(words["Errors_Column"], 24), new SheetColumn(words["Errors_Reason"], 60)],
            Rows = RowsAsync(actor, import, columns, ct),
        };
        var stream = await export.ToFileAsync(sheet, format, ct);
        var name = Path.GetFileNameWithoutExtension(import.FileName) + "-" + words["Errors_Name"] + (format == SheetFormat.Csv ? ".csv" : ".xlsx");
        return TypedResults.Stream(stream, SheetExport.ContentType(format), name);
    }

    private async IAsyncEnumerable<object?[]> RowsAsync(Actor actor, Import import, List<KeyValuePair<string, int>> columns, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = 0; ;)
        {
            var rows = await imports.RowsAsync(actor, import.Id, ImportRowStatus.Wrong, after, 1_000, ct);
            foreach (var row in rows)
                yield return
                [
                    .. columns.Select(c => (object?)row.Values.GetValueOrDefault(c.Key)), row.Number,
                    string.Join(", ", row.Faults.Select(f => f.Field.Length == 0 ? words["Whole_Row"].Value : words["Field_" + f.Field].Value).Distinct()),
                    string.Join(" ", row.Faults.Select(f => refused.Of(f.Why)).Distinct()),
                ];
            if (rows.Count < 1_000)
                yield break;
            after = rows[^1].Number;
        }
    }
}
