namespace Pms.Core.Search;

/// <summary>What can be found, in the order in which it is shown.</summary>
public enum FoundKind { Order, Job, Machine, Employee, Product, Ticket, User }

/// <summary>Something found by its number or name.</summary>
public sealed record Found
{
    public FoundKind Kind { get; init; }
    public long Id { get; init; }

    /// <summary>What it is called by: a number, of people their name.</summary>
    public string Name { get; init; } = "";

    /// <summary>A second word beside it; null where there is none, or where its field is hidden from who asked.</summary>
    public string? Detail { get; init; }

    /// <summary>Of a ticket, the number of its machine.</summary>
    public string? Machine { get; init; }
}

/// <summary>Who asks for what, decided before the database is asked.</summary>
/// <param name="Kinds">Where to look.</param>
/// <param name="Departments">By kind where only some count; a kind that is missing counts everywhere.</param>
/// <param name="Customers">False where the customer of an order is hidden.</param>
public sealed record SearchScope(IReadOnlyCollection<FoundKind> Kinds, IReadOnlyDictionary<FoundKind, IReadOnlyCollection<long>> Departments, bool Customers);
