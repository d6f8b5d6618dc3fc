using Pms.Core.Audit;
using Pms.Core.Departments;
using Pms.Core.Identity;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Products;

/// <summary>Products and their categories. A change touches no order that was already made: its path was copied.</summary>
public sealed class ProductService(ProductRepository products, DepartmentService departments, Changes changes, FieldRules fields, Rights rights)
{
    private const string Entity = "product", CategoryEntity = "category";

    /// <summary>How the list can be asked.</summary>
    public static ListShape Shape => ProductRepository.Shape;

    public async Task<Page<ProductRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsView);
        return fields.Masked(actor, await products.PageAsync(fields.Asked<ProductRow>(actor, request), ct));
    }

    public async Task<Product> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsView);
        return fields.Masked(actor, await products.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id));
    }

    /// <summary>For other features that have asked for their own permission already; null if there is none.</summary>
    public Task<Product?> FindAsync(long id, CancellationToken ct = default) => products.FindAsync(id, ct);

    /// <summary>Creates (id 0) or changes a product with everything that belongs to it; answers it as stored.</summary>
    /// <exception cref="InvalidException">A field is wrong, the code is taken, a stage, category or variant unknown.</exception>
    /// <exception cref="ConflictException">Somebody saved since it was read.</exception>
    public async Task<Product> SaveAsync(Actor actor, Product product, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsEdit);
        product = await fields.FilledAsync(actor, product, () => products.FindAsync(product.Id, ct));
        new ProductValidator().Demand(product);
        var after = product with
        {
            Code = Text.Clean(product.Code),
            Name = Text.Clean(product.Name),
            Unit = Text.Clean(product.Unit),
            Specifications = [.. product.Specifications.Select(s => s with { Name = Text.Clean(s.Name), Value = Text.Clean(s.Value), Unit = Text.OrNull(s.Unit) })],
            Variants = [.. product.Variants.Select(v => v with { Size = Text.Clean(v.Size), Colour = Text.Clean(v.Colour) })],
            // The first step has none to run beside.
            Steps = [.. product.Steps.Select((s, i) => i == 0 ? s with { Parallel = false } : s)],
            Instructions = [.. product.Instructions.Select(i => i with { Text = Text.Clean(i.Text), Link = Text.OrNull(i.Link) })],
        };
        await KnownAsync(actor, after, ct);
        var id = await changes.SaveAsync(actor, new SaveOf<Product>
        {
            Entity = Entity,
            After = after,
            Unique = ("products", nameof(Product.Code)),
            Find = () => products.FindAsync(after.Id, ct),
            Decide = before =>
            {
                if (after.Variants.Any(v => v.Id != 0 && before.Variants.All(b => b.Id != v.Id)))
                    throw new InvalidException(nameof(Product.Variants), "unknown_value");
                if (!before.Lifecycle.MayBecome(after.Lifecycle))
                    throw new InvalidException(nameof(Product.Lifecycle), "product_lifecycle");
                fields.Demand(actor, before, after);
            },
            Insert = tx => products.InsertAsync(tx, after with { Variants = [.. after.Variants.Select(v => v with { Id = 0 })] }),
            Update = (tx, before) => { products.Update(tx, before, after); return Task.CompletedTask; },
            Raise = (_, stored) => [new MasterDataChanged(Entity, stored)],
        }, ct);
        return fields.Masked(actor, (await products.FindAsync(id, ct))!);
    }

    /// <exception cref="RuleException">in_use: retire it instead.</exception>
    public async Task RemoveAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsEdit);
        var before = await products.FindAsync(id, ct) ?? throw new NotFoundException(Entity, id);
        if (before.Version != version)
            throw await changes.ChangedAsync(Entity, id, ct);
        await changes.RemoveAsync(actor, Entity, before, null, tx => products.DeleteAsync(tx, before), new MasterDataChanged(Entity, id), ct);
    }

    public async Task<IReadOnlyList<Category>> CategoriesAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsView);
        return fields.Masked(actor, await products.CategoriesAsync(ct));
    }

    public async Task<Category> CategoryAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsView);
        return fields.Masked(actor, await products.FindCategoryAsync(id, ct) ?? throw new NotFoundException(CategoryEntity, id));
    }

    /// <summary>How many products stand directly in each category that has any.</summary>
    public Task<IReadOnlyList<CategoryCount>> CategoryCountsAsync(Actor actor, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsView);
        return products.CategoryCountsAsync(ct);
    }

    /// <exception cref="RuleException">in_use: a product or another category stands in it.</exception>
    public async Task RemoveCategoryAsync(Actor actor, long id, int version, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsEdit);
        var before = await products.FindCategoryAsync(id, ct) ?? throw new NotFoundException(CategoryEntity, id);
        if (before.Version != version)
            throw await changes.ChangedAsync(CategoryEntity, id, ct);
        await changes.RemoveAsync(actor, CategoryEntity, before, null, tx => products.DeleteAsync(tx, before), new MasterDataChanged(CategoryEntity, id), ct);
    }

    /// <summary>
    /// Creates (id 0), renames or moves a category; never below itself, also when two people move at once: the save holds only while everything
    /// above its new place is as it was read.
    /// </summary>
    /// <exception cref="InvalidException">ParentId: unknown_value (not there, or below itself); Name: taken (by another beside it).</exception>
    public async Task<Category> SaveAsync(Actor actor, Category category, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.ProductsEdit);
        category = await fields.FilledAsync(actor, category, () => products.FindCategoryAsync(category.Id, ct));
        new CategoryValidator().Demand(category);
        var after = category with { Name = Text.Clean(category.Name) };
        var id = await changes.SaveAsync(actor, new SaveOf<Category>
        {
            Entity = CategoryEntity,
            After = after,
            Find = () => products.FindCategoryAsync(after.Id, ct),
            Decide = before => fields.Demand(actor, before, after),
            Insert = async tx =>
            {
                await HoldAboveAsync(tx, after, ct);
                return await products.InsertAsync(tx, after);
            },
            Update = async (tx, _) =>
            {
                await HoldAboveAsync(tx, after, ct);
                products.Update(tx, after);
            },
            Raise = (_, stored) => [new MasterDataChanged(CategoryEntity, stored)],
        }, ct);
        return fields.Masked(actor, (await products.FindCategoryAsync(id, ct))!);
    }

    private async Task HoldAboveAsync(Data.Tx tx, Category after, CancellationToken ct)
    {
        var all = (await products.CategoriesAsync(ct)).ToDictionary(c => c.Id);
        if (all.Values.Any(c => c.Id != after.Id && c.ParentId == after.ParentId && Text.Key(c.Name) == Text.Key(after.Name)))
            throw new InvalidException(nameof(Category.Name), "taken");
        var above = new HashSet<long> { after.Id };
        for (var up = after.ParentId; up is { } id; up = all[id].ParentId)
        {
            if (!all.TryGetValue(id, out var parent) || !above.Add(id))
                throw new InvalidException(nameof(Category.ParentId), "unknown_value");
            ProductRepository.Unchanged(tx, parent);
        }
    }

    private async Task KnownAsync(Actor actor, Product p, CancellationToken ct)
    {
        if (p.CategoryId is { } category && await products.FindCategoryAsync(category, ct) is null)
            throw new InvalidException(nameof(Product.CategoryId), "unknown_value");
        if (p.Steps.Count == 0 && p.Instructions.All(i => i.StageId is null))
            return;
        var stages = (await departments.AllStagesAsync(actor, ct)).Select(s => s.Id).ToHashSet();
        for (var i = 0; i < p.Steps.Count; i++)
            if (!stages.Contains(p.Steps[i].StageId))
                throw new InvalidException($"{nameof(Product.Steps)}[{i}].{nameof(ProductStep.StageId)}", "unknown_value");
        if (p.Instructions.Any(i => i.StageId is { } stage && !stages.Contains(stage)))
            throw new InvalidException(nameof(Product.Instructions), "unknown_value");
    }
}
