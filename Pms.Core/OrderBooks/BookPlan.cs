using Pms.Core.Imports;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>
/// What the rows of one order number do to what is stored, pure. The same number with another customer or order of theirs is a wrong row; items are known by their
/// line, else by product and occurrence; an empty cell and an item that has no row change nothing. The head follows the file only where the file names all open items.
/// </summary>
internal sealed class BookPlan
{
    private readonly BookedOrder? stored;
    private readonly Func<long, string> customerName;
    private readonly long? customer;

    public BookPlan(IReadOnlyList<BookRow> rows, BookedOrder? stored, Func<long, string> customerName)
    {
        (Rows, this.stored, this.customerName) = (rows, stored, customerName);
        customer = stored?.Order.CustomerId ?? rows.FirstOrDefault(r => r.CustomerId is not null)?.CustomerId;
        DemandOneOrder();
        Match();
        foreach (var row in rows.Where(r => r.Item is null))
        {
            row.Need("Product", row.Product is not null);
            row.Need("Quantity", row.Quantity is not null);
            if (stored is null)
            {
                // Said once for the whole order is enough.
                row.Need("Customer", customer is not null);
                row.Need("DueOn", rows.Any(r => r.DueOn is not null));
            }
        }
        Demand();
        (Head, HeadRow) = stored is null ? Made() : Changed();
        foreach (var row in rows.Where(r => r.IsGood))
            Compare(row);
        DemandOpen();
    }

    public IReadOnlyList<BookRow> Rows { get; }

    /// <summary>The order as the rows want it; its id is 0 where it is new. Null where no row is good.</summary>
    public Order? Head { get; private set; }

    /// <summary>The row that carries what changes of the head.</summary>
    private BookRow? HeadRow { get; }

    public bool HeadDiffers => stored is not null && Head is not null && Head != stored.Order;

    public ImportVerdict VerdictOf(BookRow row) => !row.IsGood ? ImportVerdict.Wrong(row.Faults)
        : new ImportVerdict(row.Item is null ? ImportRowStatus.New : row.Changes.Count == 0 ? ImportRowStatus.Unchanged : ImportRowStatus.Changed, row.Changes, []);

    /// <summary>The item as a row wants it, new or over what is stored.</summary>
    public OrderItem Wanted(BookRow row, OrderItem? before = null)
    {
        var item = before ?? new OrderItem { OrderId = stored?.Order.Id ?? 0, Line = row.Line ?? 0 };
        if (row.Item is { IsOpen: false } done)   // dates and prices of what is over are history; only another quantity is worth a word
            return item with { Quantity = done.Begun ? item.Quantity : row.Quantity ?? item.Quantity };
        var due = row.DueOn is not { } day ? item.DueOn : day == Head!.DueOn ? null : (DateOnly?)day;
        return item with { ProductId = row.Product?.Id ?? item.ProductId, Quantity = row.Item is { Begun: true } ? item.Quantity : row.Quantity ?? item.Quantity, UnitPrice = row.UnitPrice ?? item.UnitPrice, DueOn = due };
    }

    /// <summary>True where the row changes its item; not where it only asks.</summary>
    public bool ItemDiffers(BookRow row) => row.Item is { } i && Wanted(row, Of(i)) != Of(i);

    /// <summary>What a planner is asked for the row's item: null and true takes back what was asked before.</summary>
    public static bool Asks(BookRow row, out decimal? wanted)
    {
        wanted = null;
        if (row is not { Item: { Begun: true } item, Quantity: { } quantity })
            return false;
        if (quantity == item.Quantity)
            return item.Asked is not null;
        wanted = quantity;
        return item.Asked != quantity && item.Dismissed != quantity;
    }

    private void DemandOneOrder()
    {
        var po = stored is not null ? stored.Order.SalesOrderNumber : Rows.FirstOrDefault(r => r.Po is not null && r.CustomerId == customer)?.Po;
        foreach (var row in Rows)
        {
            if (row.CustomerId is { } other && other != customer)
                row.Fault("Customer", "import.other_customer", row.Number, customerName(customer!.Value));
            else if (row.Po is { } theirs && po is not null && Text.Key(theirs) != Text.Key(po))
                row.Fault("SalesOrderNumber", "import.other_po", row.Number, po);
            if (row.Line is { } line && Rows.FirstOrDefault(r => r.Line == line) is { } first && first != row)
                row.Fault("Line", "import.twice", first.Row.Number);
        }
    }

    private void Match()
    {
        var counts = new Dictionary<long, int>();
        foreach (var row in Rows)
        {
            if (row.Product is { } p)
                row.Occurrence = counts[p.Id] = counts.GetValueOrDefault(p.Id, -1) + 1;
            row.Item = row.Line is { } line ? stored?.Items.FirstOrDefault(i => i.Line == line)
                : row.Product is { } product ? stored?.Items.Where(i => i.ProductId == product.Id).ElementAtOrDefault(row.Occurrence) : null;
        }
    }

    /// <summary>What an item may be made of or changed to.</summary>
    private void Demand()
    {
        foreach (var row in Rows.Where(r => r.Product is not null && r.Item?.ProductId != r.Product.Id))
        {
            if (row.Item is { Planned: true } planned)
                row.Fault("Product", "order.product_planned", planned.Line);
            else if (!row.Product!.Active)
                row.Fault("Product", "product_not_active");
            else if (!row.Product.HasPath)
                row.Fault("Product", "product_without_path");
        }
        foreach (var row in Rows.Where(r => r is { Product: null, Item: not null, Quantity: not null } && r.Faults.TrueForAll(f => f.Field != "Quantity")))
            if (decimal.Round(row.Quantity!.Value, row.Item!.Decimals) != row.Quantity)
                row.Fault("Quantity", "too_many_decimals", row.Item.Decimals);
    }

    private (Order?, BookRow?) Made()
    {
        var good = Rows.Where(r => r.IsGood).ToList();
        if (good.Count == 0)
            return (null, null);
        return (Filled(new Order { Number = good[0].Number, CustomerId = customer!.Value, DueOn = Rows.Min(r => r.DueOn)!.Value }, good, whole: true), good[0]);
    }

    private (Order?, BookRow?) Changed()
    {
        var good = Rows.Where(r => r.IsGood).ToList();
        if (good.Count == 0)
            return (null, null);
        var named = good.Select(r => r.Item?.Id).ToHashSet();
        var order = stored!.Order;
        order = order with { SalesOrderNumber = order.SalesOrderNumber ?? good.Find(r => r.Po is not null)?.Po };
        return (stored.Items.Where(i => i.IsOpen).All(i => named.Contains(i.Id)) ? Filled(order, good, stored.Items.All(i => named.Contains(i.Id))) : order, good[0]);
    }

    /// <param name="whole">The rows are all there are of the order, so that their amounts add up to its value.</param>
    private static Order Filled(Order order, List<BookRow> good, bool whole)
    {
        var notes = good.Select(r => Text.OrNull(r.Notes)).OfType<string>().Distinct().ToList();
        return order with
        {
            SalesOrderNumber = order.SalesOrderNumber ?? good.Find(r => r.Po is not null)?.Po,
            Value = whole && good.TrueForAll(r => r.Worth is not null) && good.Sum(r => r.Worth!.Value) is <= Rules.MaxQuantity and var sum ? sum : order.Value,
            StartsOn = good.Min(r => r.StartsOn) ?? order.StartsOn,
            DueOn = good.Min(r => r.DueOn) ?? order.DueOn,
            Priority = good.Max(r => r.Priority) ?? order.Priority,
            Notes = notes.Count > 0 ? string.Join('\n', notes) is { Length: <= 20_000 } text ? text : notes[0] : order.Notes,
        };
    }

    private void Compare(BookRow row)
    {
        if (row == HeadRow)
        {
            var before = stored?.Order;
            Add(row, "Number", before?.Number, Head!.Number);
            Add(row, "Customer", before is null ? null : customerName(before.CustomerId), customerName(Head.CustomerId));
            Add(row, "SalesOrderNumber", before?.SalesOrderNumber, Head.SalesOrderNumber);
            Add(row, "Value", ImportText.Shown(before?.Value), ImportText.Shown(Head.Value));
            Add(row, "StartsOn", ImportText.Shown(before?.StartsOn), ImportText.Shown(Head.StartsOn));
            Add(row, "DueOn", ImportText.Shown(before?.DueOn), ImportText.Shown(Head.DueOn));
            Add(row, "Priority", before?.Priority.ToString(), Head.Priority.ToString());
            Add(row, "Notes", before?.Notes, Head.Notes);
        }
        var (was, now) = (row.Item, Wanted(row, row.Item is { } i ? Of(i) : null));
        Add(row, "Line", was?.Line.ToString(System.Globalization.CultureInfo.InvariantCulture), was is null && row.Line is null ? null : (was?.Line ?? row.Line)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add(row, "Product", was?.Product, was is not null && was.ProductId == now.ProductId ? was.Product : row.Product?.Code);
        Add(row, "Quantity", ImportText.Shown(was?.Quantity), ImportText.Shown(now.Quantity));
        Add(row, "UnitPrice", ImportText.Shown(was?.UnitPrice), ImportText.Shown(now.UnitPrice));
        if (row != HeadRow || Head!.DueOn != row.DueOn)
            Add(row, "DueOn", was is null ? null : ImportText.Shown(was.DueOn ?? stored!.Order.DueOn), ImportText.Shown(now.DueOn ?? Head!.DueOn));
        if (Asks(row, out var wanted))
            row.Changes.Add(new ImportChange("Quantity", ImportText.Shown(wanted is null ? was!.Asked : was!.Quantity) ?? "", ImportText.Shown(wanted ?? was!.Quantity) ?? "", wanted is not null));
    }

    /// <summary>What is done, closed or cancelled takes no change; a row that brings none is fine.</summary>
    private void DemandOpen()
    {
        foreach (var row in Rows.Where(r => r.IsGood && r.Changes.Count > 0 && stored is not null))
        {
            if (!stored!.Order.IsOpen)
                row.Fault("", "order.not_open", stored.Order.Number);
            else if (row.Item is { IsOpen: false } done && (ItemDiffers(row) || Asks(row, out _)))
                row.Fault("", "order.item_not_open", done.Line, stored.Order.Number);
        }
        if (HeadRow is { IsGood: false })
            Head = stored?.Order;
    }

    private static void Add(BookRow row, string field, string? before, string? after)
    {
        if ((before ?? "") != (after ?? "") && row.Changes.All(c => c.Field != field || c.Before != (before ?? "") || c.After != (after ?? "")))
            row.Changes.Add(new ImportChange(field, before ?? "", after ?? ""));
    }

    /// <summary>As far as a file can say it.</summary>
    private static OrderItem Of(BookedItem i) => new() { Id = i.Id, OrderId = i.OrderId, Line = i.Line, ProductId = i.ProductId, Quantity = i.Quantity, UnitPrice = i.UnitPrice, DueOn = i.DueOn, Version = i.Version };
}
