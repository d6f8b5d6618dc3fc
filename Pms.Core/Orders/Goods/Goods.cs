using FluentValidation;

namespace Pms.Core.Orders.Goods;

/// <summary>What moves of an item's material: into the store for it, out to the floor, back into the store, or lost.</summary>
public enum MaterialKind { Received, Issued, Returned, Scrapped }

/// <summary>Records what moved. <see cref="Reason"/>: why it is more than was there; a true count is never refused.</summary>
public sealed record MoveMaterial(long ItemId, MaterialKind Kind, decimal Quantity, string? Note = null, string? Reason = null);

/// <summary>Records where finished pieces went: to the customer, or to another place. <see cref="OnDay"/> null: today.</summary>
public sealed record DispatchGoods(long ItemId, decimal Quantity, DateOnly? OnDay = null, Disposition To = Disposition.Customer, string? Note = null, string? Reason = null);

/// <summary>Takes an entry back by a counter-entry; both stay.</summary>
public sealed record TakeBack(long Id, string Reason);

/// <summary>An entry of a move or a dispatch.</summary>
public sealed record GoodsEntry(long Id, long OrderId, long ItemId);

/// <summary>One move of material; negative where it takes another back.</summary>
public sealed record MaterialMove
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public long ItemId { get; init; }
    public MaterialKind Kind { get; init; }
    public decimal Quantity { get; init; }
    public string? Note { get; init; }

    /// <summary>Why it was more than was there.</summary>
    public string? OverWhy { get; init; }
    public DateTimeOffset At { get; init; }
    public string ByName { get; init; } = "";

    /// <summary>The entry it takes back.</summary>
    public long? CorrectsId { get; init; }
}

/// <summary>Finished pieces that left; negative where it takes another back.</summary>
public sealed record Dispatch
{
    public long Id { get; init; }
    public long OrderId { get; init; }
    public long ItemId { get; init; }
    public Disposition Kind { get; init; }
    public decimal Quantity { get; init; }
    public DateOnly OnDay { get; init; }
    public string? Note { get; init; }

    /// <inheritdoc cref="MaterialMove.OverWhy"/>
    public string? OverWhy { get; init; }
    public DateTimeOffset At { get; init; }
    public string ByName { get; init; } = "";

    /// <inheritdoc cref="MaterialMove.CorrectsId"/>
    public long? CorrectsId { get; init; }
}

/// <summary>An item's material and finished pieces: what is there now, and every entry, the latest first.</summary>
public sealed record ItemGoods
{
    public long ItemId { get; init; }
    public int Line { get; init; }
    public long ProductId { get; init; }
    public string Product { get; init; } = "";
    public string Unit { get; init; } = "";
    public int Decimals { get; init; }
    public OrderStatus Status { get; init; }

    /// <summary>As ordered.</summary>
    public decimal Quantity { get; init; }

    /// <summary>Good pieces of the last required step.</summary>
    public decimal Made { get; init; }

    /// <summary>Of those, what already went elsewhere when the quantity was lowered.</summary>
    public decimal Left { get; init; }
    public IReadOnlyList<MaterialMove> Moves { get; init; } = [];
    public IReadOnlyList<Dispatch> Dispatches { get; init; } = [];

    public decimal Received => Sum(MaterialKind.Received);
    public decimal Issued => Sum(MaterialKind.Issued) - Sum(MaterialKind.Returned);
    public decimal Scrapped => Sum(MaterialKind.Scrapped);

    /// <summary>Material in the store for this item.</summary>
    public decimal InStore => Received - Issued - Scrapped;
    public decimal ToCustomer => Dispatches.Where(d => d.Kind == Disposition.Customer).Sum(d => d.Quantity);
    public decimal Elsewhere => Dispatches.Where(d => d.Kind != Disposition.Customer).Sum(d => d.Quantity) + Left;

    /// <summary>Finished pieces in the house; negative where more was counted out than in. Of a cancelled item all went where its disposition says.</summary>
    public decimal There => Status == OrderStatus.Cancelled ? 0 : Made - ToCustomer - Elsewhere;

    /// <summary>The most that can be there to move so; null where nothing limits it.</summary>
    public decimal? Most(MaterialKind kind) => kind switch { MaterialKind.Received => null, MaterialKind.Returned => Issued, _ => InStore };

    private decimal Sum(MaterialKind kind) => Moves.Where(m => m.Kind == kind).Sum(m => m.Quantity);
}

public sealed class MoveMaterialValidator : AbstractValidator<MoveMaterial>
{
    public MoveMaterialValidator()
    {
        RuleFor(m => m.ItemId).GreaterThan(0).Refuse("required");
        RuleFor(m => m.Kind).Known();
        RuleFor(m => m.Quantity).Quantity();
        RuleFor(m => m.Note).AtMost(500);
        RuleFor(m => m.Reason).AtMost(500);
    }
}

public sealed class DispatchGoodsValidator : AbstractValidator<DispatchGoods>
{
    public DispatchGoodsValidator()
    {
        RuleFor(d => d.ItemId).GreaterThan(0).Refuse("required");
        RuleFor(d => d.To).Known();
        RuleFor(d => d.Quantity).Quantity();
        RuleFor(d => d.OnDay).Must(d => d is null or { Year: >= 2000 and < 2200 }).Refuse("not_valid");
        RuleFor(d => d.Note).AtMost(500);
        RuleFor(d => d.Reason).AtMost(500);
    }
}
