using Pms.Core.Events;
using Pms.Core.Sheets;

namespace Pms.Core.Imports;

/// <summary>
/// Where an import stands: <see cref="Mapping"/> waits for a person to say which column is what, <see cref="Checking"/> and <see cref="Applying"/>
/// are worked on in the background, <see cref="Ready"/> waits for a person to look and apply.
/// </summary>
public enum ImportStatus { Mapping, Checking, Ready, Applying, Done, Cancelled, Failed }

/// <summary>What applying a row would do or did. <see cref="Read"/> is not judged yet; <see cref="Failed"/> was refused while applying and can be corrected.</summary>
public enum ImportRowStatus { Read, New, Changed, Unchanged, Wrong, Done, Failed }

/// <summary>An import or its progress changed, after the commit.</summary>
public sealed record ImportChanged(long Id, string Entity) : IEvent;

/// <summary>One file on its way into the master data: a live record that goes on whether or not somebody watches.</summary>
public sealed record Import
{
    public long Id { get; init; }
    public string Entity { get; init; } = "";
    public ImportStatus Status { get; init; }

    /// <summary>Who uploaded it, or applied it last.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Who uploaded it: <c>u:5</c> or <c>e:7</c>.</summary>
    public string ByWhom { get; init; } = "";
    public string FileName { get; init; } = "";
    public long Size { get; init; }
    public ImportShape Shape { get; init; } = new();

    /// <summary>Field → index of its column.</summary>
    public IReadOnlyDictionary<string, int> Mapping { get; init; } = new Dictionary<string, int>();
    public int RowsRead { get; init; }

    /// <summary>Rows by what would happen or happened to them.</summary>
    public IReadOnlyDictionary<ImportRowStatus, int> Rows { get; init; } = new Dictionary<ImportRowStatus, int>();

    /// <summary>Why it failed.</summary>
    public Refusal? Error { get; init; }
    public DateTimeOffset At { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public int Version { get; init; }

    public int Count(ImportRowStatus status) => Rows.GetValueOrDefault(status);

    /// <summary>Rows that applying would still write.</summary>
    public int Open => Count(ImportRowStatus.New) + Count(ImportRowStatus.Changed);

    public bool IsWorking => Status is ImportStatus.Checking or ImportStatus.Applying;

    /// <summary>Corrections and applying are possible.</summary>
    public bool CanApply => Status is ImportStatus.Ready or ImportStatus.Done or ImportStatus.Cancelled && Rows.Count > 0;
}

/// <summary>How the file was found to be built; all of it can be set right by a person.</summary>
public sealed record ImportShape
{
    public IReadOnlyList<string> Tabs { get; init; } = [];
    public string Tab { get; init; } = "";

    /// <summary>The row of the headings, counted from 1; 0 where nothing looks like headings.</summary>
    public int HeaderRow { get; init; }
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The first rows below the headings, as shown.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Samples { get; init; } = [];
    public SheetHabits Habits { get; init; } = new();

    /// <summary>utf-8, utf-16, windows-1252; null for a workbook.</summary>
    public string? Encoding { get; init; }
    public string? Separator { get; init; }
}

/// <summary>One row of the file with what is wrong or what it would change.</summary>
public sealed record ImportRow
{
    /// <summary>As the spreadsheet counts, from 1.</summary>
    public int Number { get; init; }

    /// <summary>Folded; by which its record is known.</summary>
    public string Key { get; init; } = "";
    public ImportRowStatus Status { get; init; }

    /// <summary>Field → text; numbers with a point, days as yyyy-MM-dd, yes as true, where they could be read.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<ImportChange> Changes { get; init; } = [];
    public IReadOnlyList<Fault> Faults { get; init; } = [];
}

/// <summary>Some rows in the file's order, with their place among their like.</summary>
/// <param name="Before">How many of the same kind stand before them.</param>
/// <param name="Previous">Behind which row the page before begins; null where this is the first.</param>
/// <param name="More">True where others follow.</param>
public sealed record ImportRowPage(IReadOnlyList<ImportRow> Rows, int Before, int? Previous, bool More);

/// <summary>A field that applying the row changes; one that <paramref name="Asks"/> is not changed but laid before a person.</summary>
public sealed record ImportChange(string Field, string Before, string After, bool Asks = false);

/// <summary>What a person settles before the rows are checked.</summary>
public sealed record ImportSetup
{
    /// <summary>Null leaves it as found.</summary>
    public string? Tab { get; init; }

    /// <summary>Null leaves it as found.</summary>
    public int? HeaderRow { get; init; }

    /// <summary>Field → index of its column.</summary>
    public IReadOnlyDictionary<string, int> Mapping { get; init; } = new Dictionary<string, int>();
    public bool? DecimalComma { get; init; }
    public bool? DayFirst { get; init; }
}
