using Pms.Core.Imports;
using Pms.Core.Jobs.Planning;
using Pms.Core.Orders;

namespace Pms.Core.OrderBooks;

/// <summary>Judges and stores the rows of an order book, the rows of one number together; the orders' own services store, so that rights, rules and audit are those of their pages.</summary>
internal sealed class BookTarget(Actor actor, OrderBookQueries queries, OrderService orders, ItemService items, OrderDecisionService decisions) : IImportTarget
{
    private const int Tries = 3;

    /// <summary>So many customers and products are remembered from one slice of a file to the next.</summary>
    private const int MostKnown = 5_000;

    /// <summary>What the rows before named, while a file is judged; storing reads it anew.</summary>
    private readonly Dictionary<string, Customer> customers = [];
    private readonly Dictionary<string, List<BookedProduct>> products = [];

    /// <summary>For the orders of one batch.</summary>
    private OrderReading read = new();

    public async Task<IReadOnlyList<ImportVerdict>> JudgeAsync(IReadOnlyList<ImportRow> rows, CancellationToken ct)
    {
        var verdicts = new Dictionary<int, ImportVerdict>();
        var book = await ReadAsync(rows, anew: false, ct);
        foreach (var group in rows.GroupBy(OrderOf))
        {
            var plan = book.Plan([.. group]);
            foreach (var row in plan.Rows)
                verdicts[row.Row.Number] = plan.VerdictOf(row);
        }
        return [.. rows.Select(r => verdicts[r.Number])];
    }

    public async Task<IReadOnlyList<ImportVerdict>> StoreAsync(IReadOnlyList<ImportRow> rows, bool together, CancellationToken ct)
    {
        read = new();
        var verdicts = new Dictionary<int, ImportVerdict>();
        var book = await ReadAsync(rows, anew: true, ct);
        List<List<ImportRow>> groups = [.. rows.GroupBy(OrderOf).Select(g => g.ToList())];
        foreach (var group in together ? await MakeManyAsync(groups, book, verdicts, ct) : groups)
            await StoreAsync(group, book, verdicts, ct);
        return [.. rows.Select(r => verdicts.GetValueOrDefault(r.Number) ?? new ImportVerdict(r.Status, r.Changes, r.Faults))];
    }

    private async Task StoreAsync(List<ImportRow> rows, Book book, Dictionary<int, ImportVerdict> verdicts, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var plan = book.Plan(rows);
            try
            {
                foreach (var row in plan.Rows.Where(r => !r.IsGood && IsAsked(r.Row)))
                    verdicts[row.Row.Number] = plan.VerdictOf(row) with { Status = ImportRowStatus.Failed };
                if (plan.Rows.Any(r => r.IsGood && IsAsked(r.Row)))
                    await (plan.Head!.Id == 0 ? MakeAsync(plan, verdicts, ct) : ChangeAsync(plan, verdicts, ct));
                return;
            }
            catch (PmsException refused) when (refused is not (BusyException or OutcomeUnknownException))
            {
                // The same file imported twice at once, or somebody at the order's page, may have been faster: what is stored now decides again.
                if (attempt < Tries && refused is ConflictException or NotFoundException or InvalidException)
                {
                    (book, read) = (await ReadAsync(rows, anew: true, ct), new());
                    // What the refusal blames falls out, and the others are tried without it.
                    if (refused is InvalidException blamed && Blamed(plan, blamed, verdicts) is { Count: > 0 } out_)
                        rows = [.. rows.Where(r => !out_.Contains(r.Number))];
                    if (rows.Count > 0)
                        continue;
                    return;
                }
                foreach (var row in plan.Rows.Where(r => r.IsGood && IsAsked(r.Row) && !verdicts.ContainsKey(r.Row.Number)))
                    verdicts[row.Row.Number] = new ImportVerdict(ImportRowStatus.Failed, row.Changes, Faults(refused));
                return;
            }
        }
    }

    /// <summary>Rows without a number are no order together.</summary>
    private static string OrderOf(ImportRow row) => row.Key.Length > 0 ? row.Key : "#" + row.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Rows that stand beside for their order's sake are not stored again.</summary>
    private static bool IsAsked(ImportRow row) => row.Status is ImportRowStatus.New or ImportRowStatus.Changed;

    private async Task MakeAsync(BookPlan plan, Dictionary<int, ImportVerdict> verdicts, CancellationToken ct)
    {
        var good = plan.Rows.Where(r => r.IsGood && IsAsked(r.Row)).ToList();
        await orders.CreateAsync(actor, new CreateOrder(plan.Head!, [.. good.Select(r => plan.Wanted(r))]), null, read, ct);
        foreach (var row in good)
            verdicts[row.Row.Number] = plan.VerdictOf(row) with { Status = ImportRowStatus.Done };
    }

    /// <summary>Makes the new orders of which no row is in doubt; answers the groups that are left: all, where one order was refused, for each by itself tells which.</summary>
    private async Task<List<List<ImportRow>>> MakeManyAsync(List<List<ImportRow>> groups, Book book, Dictionary<int, ImportVerdict> verdicts, CancellationToken ct)
    {
        var plans = groups.ConvertAll(book.Plan);
        var clear = plans.ConvertAll(p => p.Head is { Id: 0 } && p.Rows.All(r => r.IsGood && IsAsked(r.Row)));
        var made = plans.Where((_, i) => clear[i]).ToList();
        if (made.Count == 0)
            return groups;
        try
        {
            await orders.CreateManyAsync(actor, made.ConvertAll(p => new CreateOrder(p.Head!, [.. p.Rows.Select(r => p.Wanted(r))])), read, ct);
        }
        catch (PmsException refused) when (refused is not (BusyException or OutcomeUnknownException))
        {
            read = new();
            return groups;
        }
        foreach (var plan in made)
            foreach (var row in plan.Rows)
                verdicts[row.Row.Number] = plan.VerdictOf(row) with { Status = ImportRowStatus.Done };
        return [.. groups.Where((_, i) => !clear[i])];
    }

    private async Task ChangeAsync(BookPlan plan, Dictionary<int, ImportVerdict> verdicts, CancellationToken ct)
    {
        if (plan.HeadDiffers)
            await orders.SaveAsync(actor, plan.Head!, ct);
        foreach (var row in plan.Rows.Where(r => r.IsGood && IsAsked(r.Row)))
        {
            try
            {
                if (row.Item is null)
                    await items.SaveAsync(actor, plan.Wanted(row), ct);
                else if (plan.ItemDiffers(row))
                {
                    var (_, before) = await orders.MeantAsync(actor, new OrderItem { Id = row.Item.Id, OrderId = row.Item.OrderId }, ct);
                    await items.SaveAsync(actor, plan.Wanted(row, before! with { Version = row.Item.Version }), ct);
                }
                if (row.Item is { } asked && BookPlan.Asks(row, out var wanted))
                    await decisions.AskAsync(actor, asked.OrderId, asked.Id, asked.Quantity, wanted, ct);
                verdicts[row.Row.Number] = plan.VerdictOf(row) with { Status = ImportRowStatus.Done };
            }
            catch (PmsException refused) when (refused is RuleException or InvalidException or ForbiddenException)
            {
                verdicts[row.Row.Number] = new ImportVerdict(ImportRowStatus.Failed, row.Changes, Faults(refused));
            }
        }
    }

    /// <summary>The rows whose items a new order was refused for, by their place in it.</summary>
    private static HashSet<int> Blamed(BookPlan plan, InvalidException refused, Dictionary<int, ImportVerdict> verdicts)
    {
        var good = plan.Rows.Where(r => r.IsGood && IsAsked(r.Row)).ToList();
        var blamed = new HashSet<int>();
        foreach (var fault in refused.Faults)
        {
            var parts = fault.Field.Split('[', ']');
            if (parts.Length < 3 || parts[0] != nameof(CreateOrder.Items) || !int.TryParse(parts[1], out var at) || at >= good.Count)
                continue;
            blamed.Add(good[at].Row.Number);
            verdicts[good[at].Row.Number] = new ImportVerdict(ImportRowStatus.Failed, good[at].Changes, [fault with { Field = FieldOf(parts[2].TrimStart('.')) }]);
        }
        return blamed;
    }

    private static List<Fault> Faults(PmsException refused) => refused is InvalidException invalid
        ? [.. invalid.Faults.Select(f => f with { Field = FieldOf(f.Field[(f.Field.LastIndexOf('.') + 1)..]) })] : [new Fault("", new Refusal(refused.Code, [.. refused.Args]))];

    private static string FieldOf(string property) => property switch { nameof(OrderItem.ProductId) => "Product", nameof(Order.CustomerId) => "Customer", var own => own };

    /// <param name="anew">Believes nothing that was read for rows before.</param>
    private async Task<Book> ReadAsync(IReadOnlyList<ImportRow> rows, bool anew, CancellationToken ct)
    {
        if (anew || customers.Count + products.Count > MostKnown)
        {
            customers.Clear();
            products.Clear();
        }
        HashSet<string> Keys(string field) => [.. rows.Select(r => Text.Key(r.Values.GetValueOrDefault(field))).Where(k => k.Length > 0)];
        var stored = await queries.OrdersAsync([.. rows.Select(r => r.Key).Where(k => k.Length > 0).Distinct()], ct);
        var (names, codes) = (Keys("Customer"), Keys("Product"));
        foreach (var found in await queries.CustomersAsync([.. names.Where(n => !customers.ContainsKey(n))], ct))
            customers[Text.Key(found.Name)] = found;
        var unread = codes.Where(c => !products.ContainsKey(c)).ToList();
        var read = await queries.ProductsAsync(unread, ct);
        foreach (var code in unread)
            if (read.Where(p => p.CodeKey == code || p.NameKey == code).ToList() is { Count: > 0 } found)
                products[code] = found;
        var named = names.Select(n => customers.GetValueOrDefault(n)).OfType<Customer>().ToList();
        var others = await queries.CustomersAsync([.. stored.Values.Select(o => o.Order.CustomerId).Except(named.Select(c => c.Id)).Distinct()], ct);
        return new Book(stored, [.. named, .. others], [.. codes.SelectMany(c => products.GetValueOrDefault(c, [])).DistinctBy(p => p.Id)]);
    }

    /// <summary>What some rows refer to, as it is stored now.</summary>
    private sealed class Book(Dictionary<string, BookedOrder> stored, IReadOnlyList<Customer> customers, IReadOnlyList<BookedProduct> products)
    {
        private readonly Dictionary<string, Customer> byName = customers.Where(c => c.Active).ToDictionary(c => Text.Key(c.Name));
        private readonly Dictionary<long, string> names = customers.ToDictionary(c => c.Id, c => c.Name);
        private readonly Dictionary<string, BookedProduct> byCode = products.ToDictionary(p => p.CodeKey);
        private readonly ILookup<string, BookedProduct> byTitle = products.ToLookup(p => p.NameKey);

        public BookPlan Plan(IReadOnlyList<ImportRow> rows) => new([.. rows.Select(r => new BookRow(r, CustomerOf, ProductOf))], stored.GetValueOrDefault(rows[0].Key), id => names.GetValueOrDefault(id, ""));

        private long CustomerOf(string text) => byName.TryGetValue(Text.Key(text), out var customer) ? customer.Id : throw new InvalidException("", "import.unknown", text);

        private BookedProduct ProductOf(string text) => byCode.TryGetValue(Text.Key(text), out var known) ? known : byTitle[Text.Key(text)].ToList() switch
        {
            [] => throw new InvalidException("", "import.unknown", text),
            [var only] => only,
            _ => throw new InvalidException("", "import.ambiguous", text),
        };
    }
}
