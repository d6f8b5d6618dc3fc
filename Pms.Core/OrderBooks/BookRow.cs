using Pms.Core.Imports;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>One row of an order book, read: what it says of the order and of the item, and what of it can't be.</summary>
internal sealed class BookRow
{
    // Made once: a validator's rules cost more to make than to ask.
    private static readonly OrderValidator OrderLimits = new();
    private static readonly OrderItemValidator ItemLimits = new();

    public BookRow(ImportRow row, Func<string, long> customer, Func<string, BookedProduct> product)
    {
        Row = row;
        Number = row.Values.GetValueOrDefault("Number") ?? "";
        Po = Cell("SalesOrderNumber", t => t.Length <= 64 ? t : throw new InvalidException("", "too_long", 64));
        CustomerId = Value<long>("Customer", t => customer(t));
        Line = Value<int>("Line", t => ImportText.Whole(t) is >= 1 and <= 9999 and var n ? n : throw new InvalidException("", "between", 1, 9999));
        Product = Cell("Product", product);
        Quantity = Value<decimal>("Quantity", t => ImportText.Number(t));
        UnitPrice = Value<decimal>("UnitPrice", t => ImportText.Number(t));
        Worth = Value<decimal>("Value", t => ImportText.Number(t));
        StartsOn = Value<DateOnly>("StartsOn", t => ImportText.Day(t));
        DueOn = Value<DateOnly>("DueOn", t => ImportText.Day(t));
        Priority = Value<OrderPriority>("Priority", t => ImportText.Choice(t, Words));
        Notes = Cell("Notes", t => t);
        if (row.Key.Length == 0)
            Fault("Number", "required");
        Check();
    }

    public ImportRow Row { get; }
    public string Number { get; }
    public string? Po { get; }
    public long? CustomerId { get; }
    public int? Line { get; }
    public BookedProduct? Product { get; }
    public decimal? Quantity { get; }
    public decimal? UnitPrice { get; }

    /// <summary>The row's amount; the order's value is the sum of its rows'.</summary>
    public decimal? Worth { get; }
    public DateOnly? StartsOn { get; }
    public DateOnly? DueOn { get; }
    public OrderPriority? Priority { get; }
    public string? Notes { get; }

    public List<Fault> Faults { get; } = [];
    public bool IsGood => Faults.Count == 0;

    /// <summary>The stored item that the row is of; null where it is a new one.</summary>
    public BookedItem? Item { get; set; }

    /// <summary>Which of the rows with this product it is, counted from 0.</summary>
    public int Occurrence { get; set; }
    public List<ImportChange> Changes { get; } = [];

    public void Fault(string field, string code, params object?[] args) => Faults.Add(new Fault(field, new Refusal(code, args)));

    /// <summary>A row that makes a new order or item says more than one that changes it.</summary>
    public void Need(string field, bool there)
    {
        if (!there && Faults.TrueForAll(f => f.Field != field))
            Fault(field, "required");
    }

    private static readonly (string, OrderPriority)[] Words =
    [
        ("niedrig", OrderPriority.Low), ("gering", OrderPriority.Low), ("mittel", OrderPriority.Normal), ("medium", OrderPriority.Normal), ("standard", OrderPriority.Normal),
        ("hoch", OrderPriority.High), ("dringend", OrderPriority.Urgent), ("eilig", OrderPriority.Urgent), ("rush", OrderPriority.Urgent), ("very high", OrderPriority.Urgent), ("sehr hoch", OrderPriority.Urgent),
    ];

    /// <summary>The limits of order and item, under the names of the file's fields.</summary>
    private void Check()
    {
        var head = new Order { Number = Number, SalesOrderNumber = Po, CustomerId = CustomerId ?? 1, Value = Worth, StartsOn = StartsOn, DueOn = DueOn ?? StartsOn ?? new DateOnly(2000, 1, 1), Notes = Notes };
        foreach (var f in Validation.Faults(OrderLimits.Validate(head)).Where(f => Faults.TrueForAll(x => x.Field != f.Field)))
            Faults.Add(f);
        var item = new OrderItem { ProductId = 1, Quantity = Quantity ?? 1, UnitPrice = UnitPrice };
        foreach (var f in Validation.Faults(ItemLimits.Validate(item)).Where(f => Faults.TrueForAll(x => x.Field != f.Field)))
            Faults.Add(f);
        if (Product is { } p && Quantity is { } n && decimal.Round(n, p.Decimals) != n && Faults.TrueForAll(f => f.Field != "Quantity"))
            Fault("Quantity", "too_many_decimals", p.Decimals);
    }

    private T? Cell<T>(string field, Func<string, T> read) where T : class
    {
        if (Row.Values.GetValueOrDefault(field) is not { Length: > 0 } text)
            return null;
        try { return read(text); }
        catch (InvalidException e) { Faults.AddRange(e.Faults.Select(f => f with { Field = field })); return null; }
    }

    private T? Value<T>(string field, Func<string, T> read) where T : struct
    {
        if (Row.Values.GetValueOrDefault(field) is not { Length: > 0 } text)
            return null;
        try { return read(text); }
        catch (InvalidException e) { Faults.AddRange(e.Faults.Select(f => f with { Field = field })); return null; }
    }
}
