using Pms.Core.Audit;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Imports;

namespace Pms.Core.Products;

/// <summary>Products from a file, known by their code. A category that doesn't exist yet is made; a path that the file names keeps the minutes of steps it had.</summary>
public sealed class ProductImport(ProductService service, ProductRepository products, DepartmentService departments, Rights rights) : IImportDefinition
{
    public string Entity => "product";

    public string Permission => Permissions.ProductsEdit;

    public IReadOnlyList<ImportField> Fields { get; } =
    [
        new("Code", ImportKind.Text, true, "SKU", "Product Code", "Item", "Item No", "Item Code", "Article", "Article No", "Part No", "Artikel", "Artikelnummer", "No", "Nr"),
        new("Name", ImportKind.Text, true, "Description", "Product", "Product Name", "Item Name", "Bezeichnung"),
        new("Category", ImportKind.Text, false, "Group", "Product Group", "Family", "Kategorie", "Warengruppe"),
        new("Unit", ImportKind.Text, false, "UoM", "Unit of Measure", "Einheit"),
        new("Decimals", ImportKind.Number, false, "Decimal Places", "Nachkommastellen"),
        new("Specifications", ImportKind.Text, false, "Specification", "Spec", "Specs", "Notes", "Details", "Bemerkung", "Spezifikationen"),
        new("Lifecycle", ImportKind.Text, false, "Status", "State", "Lebenszyklus"),
        new("Path", ImportKind.Text, false, "Production Path", "Route", "Routing", "Stages", "Steps", "Arbeitsplan"),
    ];

    public async Task<IImportTarget> OpenAsync(Actor actor, CancellationToken ct)
    {
        var stages = StageNames.Of(await departments.ActiveAsync(actor, ct), await departments.AllStagesAsync(actor, ct));
        var categories = new Categories(await products.CategoriesAsync(ct));
        return new ImportTarget<Line>
        {
            Find = async (keys, token) => (await products.ByCodeAsync(keys, token)).ToDictionary(p => p.Key, p => new Line(p.Value, categories.PathOf(p.Value.CategoryId))),
            Blank = () => new Line(new Product(), null),
            Validate = l => Validation.Faults(new ProductValidator().Validate(l.Product)),
            Demand = _ => rights.Demand(actor, Permissions.ProductsEdit),
            Save = async (l, token) => await service.SaveAsync(actor, l.Product with { CategoryId = await categories.MakeAsync(l.Category, c => service.SaveAsync(actor, c, token)) }, token),
            Columns =
            [
                new("Code", l => l.Product.Code, (l, t) => l.Id == 0 ? l.With(p => p with { Code = t }) : l),
                new("Name", l => l.Product.Name, (l, t) => l.With(p => p with { Name = t })),
                new("Category", l => l.Category, (l, t) => l with { Category = categories.Known(t) }),
                new("Unit", l => l.Product.Unit, (l, t) => l.With(p => p with { Unit = t })),
                new("Decimals", l => ImportText.Shown(l.Product.Decimals), (l, t) => l.With(p => p with { Decimals = ImportText.Whole(t) })),
                new("Specifications", l => Shown(l.Product.Specifications), (l, t) => l.With(p => p with { Specifications = Read(t) })),
                new("Lifecycle", l => l.Product.Lifecycle.ToString(), (l, t) => l.With(p => p with { Lifecycle = ImportText.Choice(t, ("Released", Lifecycle.Active), ("Yes", Lifecycle.Active), ("Obsolete", Lifecycle.Retired), ("Inactive", Lifecycle.Retired), ("New", Lifecycle.Draft)) })),
                new("Path", l => stages.Shown(l.Product.Steps.Select(s => s.StageId))?.Replace(", ", " > ", StringComparison.Ordinal), (l, t) => l.With(p => Routed(p, t, stages)), nameof(Product.Steps)),
            ],
        };
    }

    /// <summary>As "Fabric: Cotton; Weight [g/m²]: 180"; what has no name is the specification as such.</summary>
    private static string? Shown(IReadOnlyList<Specification> all) => all.Count == 0 ? null : string.Join("; ", all.Select(s => s.Unit is null ? $"{s.Name}: {s.Value}" : $"{s.Name} [{s.Unit}]: {s.Value}"));

    private static List<Specification> Read(string text)
    {
        if (!text.Contains(": ", StringComparison.Ordinal))
            return [new Specification { Name = "Specification", Value = text }];
        var (all, nameless) = (new List<Specification>(), 0);
        foreach (var part in text.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(": ", StringComparison.Ordinal);
            var (name, value) = colon > 0 ? (part[..colon].Trim(), part[(colon + 2)..].Trim()) : (++nameless == 1 ? "Specification" : $"Specification {nameless}", part);
            var bracket = name.EndsWith(']') ? name.LastIndexOf('[') : -1;
            all.Add(bracket > 0 ? new() { Name = name[..bracket].Trim(), Unit = name[(bracket + 1)..^1].Trim(), Value = value } : new() { Name = name, Value = value });
        }
        return all;
    }

    private static Product Routed(Product p, string text, StageNames stages)
    {
        var ids = text.Split(['>', '→', ',', ';', '|', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(s => stages.Get(s, 0)).ToList();
        if (ids.SequenceEqual(p.Steps.Select(s => s.StageId)))
            return p;
        var left = p.Steps.ToList();
        return p with
        {
            Steps = [.. ids.Select(id =>
            {
                var kept = left.Find(s => s.StageId == id);
                if (kept is not null)
                    left.Remove(kept);
                return kept ?? new ProductStep { StageId = id };
            })],
        };
    }

    /// <summary>A product with its category's path, which may not exist yet.</summary>
    private sealed record Line(Product Product, string? Category) : IVersioned
    {
        public long Id => Product.Id;
        public int Version => Product.Version;
        public Line With(Func<Product, Product> change) => this with { Product = change(Product) };
    }

    /// <summary>The category tree by paths as "Workwear / Jackets".</summary>
    private sealed class Categories(IReadOnlyList<Category> all)
    {
        private readonly List<Category> tree = [.. all];

        public string? PathOf(long? id) => tree.Find(c => c.Id == id) is { } own ? PathOf(own.ParentId) is { } above ? $"{above} / {own.Name}" : own.Name : null;

        /// <summary>As it is written already where it is there, else as the file has it. A name alone means the one category of that name.</summary>
        public string Known(string text)
        {
            var parts = Parts(text);
            if (parts.Length == 0 || parts.Any(p => p.Length > 120))
                throw new InvalidException("", "too_long", 120);
            if (parts.Length == 1 && tree.FindAll(c => Text.Key(c.Name) == Text.Key(parts[0])) is [var only])
                return PathOf(only.Id)!;
            long? at = null;
            for (var i = 0; i < parts.Length; i++)
            {
                if (Child(at, parts[i]) is not { } child)
                    break;
                (at, parts[i]) = (child.Id, child.Name);
            }
            return string.Join(" / ", parts);
        }

        public async Task<long?> MakeAsync(string? path, Func<Category, Task<Category>> save)
        {
            long? at = null;
            foreach (var part in Parts(path ?? ""))
            {
                if (Child(at, part) is not { } child)
                    tree.Add(child = await save(new Category { ParentId = at, Name = part }));
                at = child.Id;
            }
            return at;
        }

        private Category? Child(long? parent, string name) => tree.Find(c => c.ParentId == parent && Text.Key(c.Name) == Text.Key(name));

        private static string[] Parts(string path) => path.Split(['/', '>', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
