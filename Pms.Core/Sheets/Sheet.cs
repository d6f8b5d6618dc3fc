namespace Pms.Core.Sheets;

/// <summary>What a table leaves the house as.</summary>
public enum SheetFormat
{
    /// <summary>UTF-8 with a byte order mark, commas, quotes where needed, instants as yyyy-MM-dd HH:mm:ss, numbers with a point.</summary>
    Csv,

    /// <summary>An Excel workbook: numbers and dates stay numbers and dates.</summary>
    Xlsx,
}

/// <summary>A column and how wide it is shown. Instants must come as the plant's local <see cref="DateTime"/>, since a sheet knows no zone.</summary>
public sealed record SheetColumn(string Title, double Width = 14);

/// <summary>A table that is written while it is read, so that its length costs no memory.</summary>
public sealed record Sheet
{
    /// <summary>The sheet's tab and the file's name, without ending.</summary>
    public required string Name { get; init; }
    public required IReadOnlyList<SheetColumn> Columns { get; init; }

    /// <summary>Per row one value for each column: text, number, bool, day or local time; null is an empty cell.</summary>
    public required IAsyncEnumerable<object?[]> Rows { get; init; }

    /// <summary>Who made it, when, by which filters: a sheet of its own in a workbook; a CSV file has none, since programs read it.</summary>
    public IReadOnlyList<(string Label, string Value)> About { get; init; } = [];
}
