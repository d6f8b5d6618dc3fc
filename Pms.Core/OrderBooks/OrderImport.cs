using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Imports;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;
using Pms.Core.Products;

namespace Pms.Core.OrderBooks;

/// <summary>
/// Orders from a customer's or the office's order book: rows with one number are one order. Customers and products that aren't known are offered for making; quantities of
/// items at which work has begun are laid before a planner.
/// </summary>
public sealed class OrderImport(OrderBookQueries queries, OrderService orders, ItemService items, OrderDecisionService decisions, ProductService products, DepartmentService departments) : IImportDefinition
{
    private const int MostPaths = 30;

    public string Entity => "order";

    public string Permission => Permissions.OrdersEdit;

    public bool KeyRepeats => true;

    public IReadOnlyList<string> Headline => ["Customer", "Product", "Description"];

    public IReadOnlyList<ImportField> Fields { get; } =
    [
        new("Number", ImportKind.Text, true, "Order No", "Order", "Order Number", "Order ID", "Sales Order", "SO", "Job No", "Auftrag", "Auftragsnummer", "Auftragsnr", "Auftrags-Nr", "Nr"),
        new("SalesOrderNumber", ImportKind.Text, false, "Customer PO", "PO", "PO Number", "PO No", "Purchase Order", "Customer Reference", "Your Reference", "Bestellnr", "Bestellnummer", "Kundenbestellung", "Kundenauftrag"),
        new("Customer", ImportKind.Text, true, "Customer Name", "Client", "Account", "Sold to", "Kunde", "Kundenname"),
        new("Line", ImportKind.Number, false, "Line No", "Line Number", "Position", "Pos", "Item No", "Zeile"),
        new("Product", ImportKind.Text, true, "SKU", "Product Code", "Item", "Item Code", "Article", "Article No", "Part No", "Artikel", "Artikelnummer", "Artikelnr", "Produkt"),
        new("Description", ImportKind.Text, false, "Product Name", "Item Name", "Item Description", "Bezeichnung", "Artikelbezeichnung", "Produktname"),
        new("Quantity", ImportKind.Number, true, "Qty", "Qty Ordered", "Order Qty", "Pieces", "Pcs", "Amount", "Menge", "Anzahl", "Stück"),
        new("UnitPrice", ImportKind.Number, false, "Unit Price", "Price", "Price each", "Preis", "Einzelpreis", "Stückpreis"),
        new("Value", ImportKind.Number, false, "Value (excl.)", "Order Value", "Line Value", "Total", "Net", "Wert", "Auftragswert", "Gesamtpreis", "Netto"),
        new("StartsOn", ImportKind.Day, false, "Start", "Start Date", "Begin", "Earliest Start", "Beginn", "Starttermin"),
        new("DueOn", ImportKind.Day, true, "Due", "Due Date", "Delivery Date", "Required Date", "Ship Date", "Deadline", "Liefertermin", "Lieferdatum", "Termin", "Fällig"),
        new("Priority", ImportKind.Text, false, "Prio", "Urgency", "Priorität", "Dringlichkeit"),
        new("Notes", ImportKind.Text, false, "Note", "Remark", "Remarks", "Comment", "Comments", "Bemerkung", "Bemerkungen", "Hinweis", "Notizen"),
    ];

    /// <summary>The line is no field that anybody is kept from.</summary>
    public string EntityOf(string field) => field is "Product" or "Quantity" or "UnitPrice" ? "order_item" : field is "Line" or "Description" ? "" : Entity;

    public IReadOnlyList<ImportMake> Makes =>
    [
        new("Customer", Permissions.OrdersEdit, [], (actor, row, _, ct) => orders.SaveAsync(actor, new Customer { Name = row["Customer"] }, ct)),
        new("Product", Permissions.ProductsEdit, [new("Path", PathsAsync)], MakeAsync),
    ];

    public Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct) => Task.FromResult<IImportTarget>(new BookTarget(actor, queries, orders, items, decisions));

    private async Task MakeAsync(Actor actor, IReadOnlyDictionary<string, string> row, IReadOnlyDictionary<string, string> answers, CancellationToken ct)
    {
        var stages = StageNames.Of(await departments.ActiveAsync(actor, ct), await departments.AllStagesAsync(actor, ct));
        var path = (answers.GetValueOrDefault("Path") ?? "").Split(['>', '→', ',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (path.Length == 0)
            throw new InvalidException("Path", "required");
        await products.SaveAsync(actor, new Product
        {
            Code = row["Product"], Name = Text.OrNull(row.GetValueOrDefault("Description")) ?? row["Product"], Lifecycle = Lifecycle.Active,
            Steps = [.. path.Select(name => new ProductStep { StageId = stages.Get(name, 0) })],
        }, ct);
    }

    /// <summary>The paths that products go through now, those of most products first, as "Cutting / Laser > Packing / Pack".</summary>
    private async Task<IReadOnlyList<string>> PathsAsync(Actor actor, CancellationToken ct)
    {
        var areas = (await departments.ActiveAsync(actor, ct)).ToDictionary(d => d.Id, d => d.Name);
        var names = (await departments.AllStagesAsync(actor, ct)).Where(s => s.Active && areas.ContainsKey(s.DepartmentId)).ToDictionary(s => s.Id, s => $"{areas[s.DepartmentId]} / {s.Name}");
        return [.. (await queries.PathsAsync(ct)).GroupBy(s => s.ProductId).Where(p => p.All(s => names.ContainsKey(s.StageId))).Select(p => string.Join(" > ", p.Select(s => names[s.StageId])))
            .GroupBy(path => path).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(MostPaths).Select(g => g.Key)];
    }
}
