using System.Globalization;
using Microsoft.AspNetCore.Components;
using Pms.Core;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Products;
using Pms.Web.Shared.Lists;

namespace Pms.Web.Products;

/// <summary>Products with path, variants and instructions, edited as one: list and sheet.</summary>
public sealed partial class ProductsPage
{
    private IReadOnlyList<Category> _categories = [];
    private IReadOnlyList<(string, string)> _stages = [];
    private string _newCategory = "";

    [Inject] private ProductService Products { get; set; } = default!;
    [Inject] private DepartmentService Departments { get; set; } = default!;

    private bool CanEdit => Me.May(Permissions.ProductsEdit);

    private IReadOnlyList<ListFrame<ProductRow>.Column> Columns =>
    [
        new(L["Code"], "code", Field: "Code"), new(L["Name"], "name", Field: "Name"), new(L["Category"], "category", "wide", Field: "CategoryId"), new(L["Unit"], null, "wide", Field: "Unit"), new(L["Steps"], null, "n wide", Field: "Steps"),
        new(L["Variants"], null, "n wide", Field: "Variants"), new(L["Lifecycle"], "lifecycle", Field: "Lifecycle"),
    ];

    private IReadOnlyList<(string Key, string Text, string Href)> SheetTabs =>
    [
        ("details", L["Tab_Details"], Href(("tab", null))), ("path", L["Tab_Path"], Href(("tab", "path"))), ("specifications", L["Specifications"], Href(("tab", "specifications"))), ("variants", L["Variants"], Href(("tab", "variants"))),
        ("instructions", L["Tab_Instructions"], Href(("tab", "instructions"))), .. IsNew ? Array.Empty<(string, string, string)>() : [("files", Words["Tab_Files"], Href(("tab", "files"))), ("history", Words["Tab_History"], Href(("tab", "history")))],
    ];

    private IEnumerable<(string, string)> CategoryChoices => _categories.Select(c => (c.Id.ToString(CultureInfo.InvariantCulture), PathOf(c)));

    private IEnumerable<(string, string)> StageChoices => _stages;

    private IEnumerable<(string, string)> Lifecycles => Enum.GetNames<Lifecycle>().Select(k => (k, (string)L["Lifecycle_" + k]));

    protected override void Listen() => ReloadOn<MasterDataChanged>(e => e.Entity is "product" or "category" or "stage");

    protected override async Task<Page<ProductRow>> RowsAsync(PageRequest request, CancellationToken ct)
    {
        if (!Me.May(Permissions.ProductsView))
            return new Page<ProductRow>([], 0);
        _categories = await Products.CategoriesAsync(Me.Who, ct);
        if (Id is not null)
        {
            var names = (await Departments.ActiveAsync(Me.Who, ct)).ToDictionary(d => d.Id, d => d.Name);
            _stages = [.. (await Departments.AllStagesAsync(Me.Who, ct)).Where(s => s.Active && names.ContainsKey(s.DepartmentId))
                .Select(s => (s.Id.ToString(CultureInfo.InvariantCulture), names[s.DepartmentId] + " · " + s.Name))];
        }
        return await Products.ListAsync(Me.Who, request, ct);
    }

    protected override bool AlsoTyped => _newCategory.Length > 0;

    protected override void Forget() => _newCategory = "";

    protected override Product Blank() => new();

    protected override Task<Product> ReadAsync(long id, CancellationToken ct) => Products.GetAsync(Me.Who, id, ct);

    protected override async Task<Product> StoreAsync(Product draft, CancellationToken ct)
    {
        if (!string.IsNullOrWhiteSpace(_newCategory))
        {
            var category = await Products.SaveAsync(Me.Who, new Category { Name = _newCategory, ParentId = draft.CategoryId }, ct);
            _newCategory = "";
            draft = draft with { CategoryId = category.Id };
            Set(draft);
        }
        return await Products.SaveAsync(Me.Who, draft, ct);
    }

    private static long IdOf(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static IReadOnlyList<T> Moved<T>(IReadOnlyList<T> items, int from, int to)
    {
        var list = items.ToList();
        (list[from], list[to]) = (list[to], list[from]);
        return list;
    }

    private void SetStep(Product p, int at, ProductStep step) => Set(p with { Steps = [.. p.Steps.Select((s, n) => n == at ? step : s)] });

    private void SetSpecification(Product p, int at, Specification specification) => Set(p with { Specifications = [.. p.Specifications.Select((s, n) => n == at ? specification : s)] });

    private void SetInstruction(Product p, int at, Instruction instruction) => Set(p with { Instructions = [.. p.Instructions.Select((x, n) => n == at ? instruction : x)] });

    private string PathOf(Category c)
    {
        var (name, up) = (c.Name, c.ParentId);
        for (var i = 0; i < 10 && up is { } id && _categories.FirstOrDefault(x => x.Id == id) is { } parent; i++)
            (name, up) = (parent.Name + " / " + name, parent.ParentId);
        return name;
    }

    private Task Remove() => RemoveAsync(L["Remove_Title"], L["Remove_Text"], p => Products.RemoveAsync(Me.Who, p.Id, p.Version, Left));
}
