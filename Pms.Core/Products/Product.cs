using Pms.Core.Audit;

namespace Pms.Core.Products;

/// <summary>Only Active products may be ordered; a draft never was, and a retired one stays in everything it was in.</summary>
public enum Lifecycle { Draft, Active, Retired }

/// <summary>The way of a product: Draft → Active → Retired, and from there back to Active alone, for nothing that was ordered is a draft again.</summary>
public static class Lifecycles
{
    public static bool MayBecome(this Lifecycle from, Lifecycle to) => from == to || (from, to) is (Lifecycle.Draft, Lifecycle.Active) or (Lifecycle.Active, Lifecycle.Retired) or (Lifecycle.Retired, Lifecycle.Active);
}

/// <summary>What is made or branded, with its variants, its default production path and its instructions; saved as one.</summary>
public sealed record Product : IVersioned
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public long? CategoryId { get; init; }

    /// <summary>What quantities count: pcs, m, kg.</summary>
    public string Unit { get; init; } = "pcs";

    /// <summary>Places a quantity may have; pieces: 0.</summary>
    public int Decimals { get; init; }
    public Lifecycle Lifecycle { get; init; }
    public int Version { get; init; }

    /// <summary>In the order people see them; each name once.</summary>
    public IReadOnlyList<Specification> Specifications { get; init; } = [];

    /// <summary>In the order people see them; one left out of a save is deactivated, for orders may name it.</summary>
    public IReadOnlyList<Variant> Variants { get; init; } = [];

    /// <summary>The default path, first to last; copied onto an order when it is made.</summary>
    public IReadOnlyList<ProductStep> Steps { get; init; } = [];

    public IReadOnlyList<Instruction> Instructions { get; init; } = [];
}

/// <summary>One property of a product: fabric weight, 180, g/m².</summary>
public sealed record Specification
{
    public string Name { get; init; } = "";
    public string Value { get; init; } = "";
    public string? Unit { get; init; }

    public override string ToString() => Unit is null ? $"{Name}: {Value}" : $"{Name}: {Value} {Unit}";
}

/// <summary>A size and colour of a product.</summary>
public sealed record Variant
{
    public long Id { get; init; }
    public string Size { get; init; } = "";
    public string Colour { get; init; } = "";
    public bool Active { get; init; } = true;
}

/// <summary>One step of the path. Minutes left empty fall back to the stage's.</summary>
public sealed record ProductStep
{
    public long StageId { get; init; }
    public decimal? SetupMinutes { get; init; }

    /// <summary>Minutes per unit out.</summary>
    public decimal? RunMinutes { get; init; }

    /// <summary>People it takes.</summary>
    public int Crew { get; init; } = 1;

    /// <summary>Planned scrap as a share of the input: 0.02 is 2 %.</summary>
    public decimal ScrapShare { get; init; }

    /// <summary>Units out per unit in: 1 sheet → 8 labels is 8.</summary>
    public decimal Factor { get; init; } = 1;
    public bool Required { get; init; } = true;

    /// <summary>May run beside the step before it.</summary>
    public bool Parallel { get; init; }
}

/// <summary>What an operator reads before the work, for one stage or for all.</summary>
public sealed record Instruction
{
    public long? StageId { get; init; }
    public string Text { get; init; } = "";

    /// <summary>A picture, a PDF or a film: an address of the plant's own or https.</summary>
    public string? Link { get; init; }
}

/// <summary>A product as the list shows it.</summary>
public sealed record ProductRow
{
    public long Id { get; init; }
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public string? Category { get; init; }
    public string Unit { get; init; } = "";
    public int Decimals { get; init; }
    public Lifecycle Lifecycle { get; init; }
    public int Steps { get; init; }
    public int Variants { get; init; }

    /// <summary>The file of its newest picture.</summary>
    public long? PhotoId { get; init; }
    public int Version { get; init; }
}

/// <summary>A node of the category tree.</summary>
public sealed record Category : IVersioned
{
    public long Id { get; init; }
    public long? ParentId { get; init; }
    public string Name { get; init; } = "";
    public int Version { get; init; }
}

/// <summary>How many products stand directly in a category.</summary>
public sealed record CategoryCount
{
    public long CategoryId { get; init; }
    public int Products { get; init; }
}
