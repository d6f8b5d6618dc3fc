using Pms.Core.Data;

namespace Pms.Core.Products;

/// <summary>Writes products with their variants, path and instructions, and the category tree; and reads them.</summary>
public sealed class ProductRepository(Db db)
{
    private static readonly ListQuery List = new ListQuery(
            """
            SELECT p.id, p.code, p.name, c.name AS category, p.unit, p.decimals, p.lifecycle, p.version,
                   (SELECT COUNT(*) FROM product_steps s WHERE s.product_id = p.id) AS steps,
                   (SELECT COUNT(*) FROM product_variants v WHERE v.product_id = p.id AND v.active = 1) AS variants,
                   (SELECT MAX(f.id) FROM files f WHERE f.entity = 'product' AND f.entity_id = p.id AND f.role = 'Photo') AS photo_id
            """, "FROM products p LEFT JOIN categories c ON c.id = p.category_id", "p.id")
        .Search("p.code_key", "p.name_key")
        .Filter("lifecycle", "p.lifecycle IN @lifecycle", ListQuery.OneOf<Lifecycle>)
        .Filter("category", "p.category_id IN (WITH RECURSIVE t(id) AS (SELECT c0.id FROM categories c0 WHERE c0.id = @category UNION SELECT c1.id FROM categories c1 JOIN t ON c1.parent_id = t.id) SELECT t.id FROM t)", ListQuery.Number)
        .Filter("stage", "EXISTS (SELECT 1 FROM product_steps x WHERE x.product_id = p.id AND x.stage_id = @stage)", ListQuery.Number)
        .Sort("code", "p.code_key").Sort("name", "p.name_key").Sort("category", "c.name_key", "p.code_key").Sort("lifecycle", "p.lifecycle", "p.code_key");

    public static ListShape Shape => List.Shape;

    private const string Select = "SELECT id, code, name, category_id, unit, decimals, lifecycle, version FROM products";

    public Task<Page<ProductRow>> PageAsync(PageRequest request, CancellationToken ct = default) => List.PageAsync<ProductRow>(db, request, ct: ct);

    public Task<Product?> FindAsync(long id, CancellationToken ct = default) => db.ManyAsync(
        $"""
        {Select} WHERE id = @id;
        SELECT id, size, colour, active FROM product_variants WHERE product_id = @id ORDER BY active DESC, position, id;
        SELECT stage_id, setup_minutes, run_minutes, crew, scrap_share, factor, required, parallel FROM product_steps WHERE product_id = @id ORDER BY position;
        SELECT stage_id, text, link FROM work_instructions WHERE product_id = @id ORDER BY position, id;
        SELECT name, value, unit FROM product_specifications WHERE product_id = @id ORDER BY position
        """, new { id }, async grids =>
        {
            var product = await grids.ReadFirstOrDefaultAsync<Product>();
            var variants = (await grids.ReadAsync<Variant>()).ToArray();
            var steps = (await grids.ReadAsync<ProductStep>()).ToArray();
            var instructions = (await grids.ReadAsync<Instruction>()).ToArray();
            var specifications = (await grids.ReadAsync<Specification>()).ToArray();
            return product is null ? null : product with { Specifications = specifications, Variants = variants, Steps = steps, Instructions = instructions };
        }, ct);

    /// <summary>By folded code.</summary>
    public Task<IReadOnlyDictionary<string, Product>> ByCodeAsync(IReadOnlyCollection<string> keys, CancellationToken ct = default) => db.ManyAsync<IReadOnlyDictionary<string, Product>>(
        $"""
        {Select} WHERE code_key IN @keys;
        SELECT v.product_id AS owner, v.id, v.size, v.colour, v.active FROM product_variants v JOIN products p ON p.id = v.product_id WHERE p.code_key IN @keys ORDER BY v.active DESC, v.position, v.id;
        SELECT s.product_id AS owner, s.stage_id, s.setup_minutes, s.run_minutes, s.crew, s.scrap_share, s.factor, s.required, s.parallel
        FROM product_steps s JOIN products p ON p.id = s.product_id WHERE p.code_key IN @keys ORDER BY s.position;
        SELECT n.product_id AS owner, n.stage_id, n.text, n.link FROM work_instructions n JOIN products p ON p.id = n.product_id WHERE p.code_key IN @keys ORDER BY n.position, n.id;
        SELECT s.product_id AS owner, s.name, s.value, s.unit FROM product_specifications s JOIN products p ON p.id = s.product_id WHERE p.code_key IN @keys ORDER BY s.position
        """, new { keys }, async grids =>
        {
            var products = (await grids.ReadAsync<Product>()).ToList();
            var variants = grids.Read<long, Variant, (long Owner, Variant Part)>((owner, part) => (owner, part), "id").ToLookup(x => x.Owner, x => x.Part);
            var steps = grids.Read<long, ProductStep, (long Owner, ProductStep Part)>((owner, part) => (owner, part), "stage_id").ToLookup(x => x.Owner, x => x.Part);
            var instructions = grids.Read<long, Instruction, (long Owner, Instruction Part)>((owner, part) => (owner, part), "stage_id").ToLookup(x => x.Owner, x => x.Part);
            var specifications = grids.Read<long, Specification, (long Owner, Specification Part)>((owner, part) => (owner, part), "name").ToLookup(x => x.Owner, x => x.Part);
            return products.ToDictionary(p => Text.Key(p.Code), p => p with { Specifications = [.. specifications[p.Id]], Variants = [.. variants[p.Id]], Steps = [.. steps[p.Id]], Instructions = [.. instructions[p.Id]] });
        }, ct);

    public async Task<long> InsertAsync(Tx tx, Product p)
    {
        var id = await tx.InsertAsync(
            """
            INSERT INTO products (code, code_key, name, name_key, category_id, unit, decimals, lifecycle)
            VALUES (@Code, @CodeKey, @Name, @NameKey, @CategoryId, @Unit, @Decimals, @Lifecycle)
            """, Args(p));
        AddParts(tx, id, p);
        for (var i = 0; i < p.Variants.Count; i++)
            AddVariant(tx, id, i, p.Variants[i]);
        return id;
    }

    /// <summary>Path and instructions are replaced; variants keep their ids, those left out are deactivated.</summary>
    public void Update(Tx tx, Product before, Product p)
    {
        tx.Add(
            """
            UPDATE products SET code = @Code, code_key = @CodeKey, name = @Name, name_key = @NameKey, category_id = @CategoryId, unit = @Unit, decimals = @Decimals,
                lifecycle = @Lifecycle, version = version + 1
            WHERE id = @Id AND version = @Version
            """, Args(p));
        tx.Add("DELETE FROM product_steps WHERE product_id = @Id", new { p.Id }, before.Steps.Count);
        tx.Add("DELETE FROM work_instructions WHERE product_id = @Id", new { p.Id }, before.Instructions.Count);
        tx.Add("DELETE FROM product_specifications WHERE product_id = @Id", new { p.Id }, before.Specifications.Count);
        AddParts(tx, p.Id, p);
        for (var i = 0; i < p.Variants.Count; i++)
        {
            var v = p.Variants[i];
            if (v.Id == 0)
                AddVariant(tx, p.Id, i, v);
            else
                tx.Add("UPDATE product_variants SET size = @Size, colour = @Colour, position = @position, active = @Active WHERE id = @Id AND product_id = @productId",
                    new { v.Id, v.Size, v.Colour, v.Active, position = i, productId = p.Id });
        }
        foreach (var gone in before.Variants.Where(b => b.Active && p.Variants.All(v => v.Id != b.Id)))
            tx.Add("UPDATE product_variants SET active = 0 WHERE id = @Id", new { gone.Id });
    }

    public async Task<int> DeleteAsync(Tx tx, Product p)
    {
        var rows = await tx.ExecuteAsync(
            """
            DELETE FROM products WHERE id = @Id AND version = @Version
                AND NOT EXISTS (SELECT 1 FROM order_items x WHERE x.product_id = @Id) AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.product_id = @Id)
            """, new { p.Id, p.Version });
        if (rows > 0)
        {
            await tx.ExecuteAsync("DELETE FROM product_steps WHERE product_id = @Id", new { p.Id });
            await tx.ExecuteAsync("DELETE FROM product_variants WHERE product_id = @Id", new { p.Id });
            await tx.ExecuteAsync("DELETE FROM work_instructions WHERE product_id = @Id", new { p.Id });
            await tx.ExecuteAsync("DELETE FROM product_specifications WHERE product_id = @Id", new { p.Id });
        }
        return rows;
    }

    public Task<IReadOnlyList<Category>> CategoriesAsync(CancellationToken ct = default) =>
        db.ListAsync<Category>("SELECT id, parent_id, name, version FROM categories ORDER BY name_key, id", ct: ct);

    public Task<Category?> FindCategoryAsync(long id, CancellationToken ct = default) =>
        db.FindAsync<Category>("SELECT id, parent_id, name, version FROM categories WHERE id = @id", new { id }, ct);

    public Task<IReadOnlyList<CategoryCount>> CategoryCountsAsync(CancellationToken ct = default) =>
        db.ListAsync<CategoryCount>("SELECT category_id, COUNT(*) AS products FROM products WHERE category_id IS NOT NULL GROUP BY category_id", ct: ct);

    /// <summary>Holds the transaction to a category as it was read, without changing it.</summary>
    public static void Unchanged(Tx tx, Category c) => tx.Add("UPDATE categories SET version = version WHERE id = @Id AND version = @Version", new { c.Id, c.Version });

    public Task<int> DeleteAsync(Tx tx, Category c) => tx.ExecuteAsync(
        """
        DELETE FROM categories WHERE id = @Id AND version = @Version AND NOT EXISTS (SELECT 1 FROM products x WHERE x.category_id = @Id)
            AND NOT EXISTS (SELECT x.id FROM (SELECT id, parent_id FROM categories) x WHERE x.parent_id = @Id)
        """, new { c.Id, c.Version });

    public Task<long> InsertAsync(Tx tx, Category c) => tx.InsertAsync(
        "INSERT INTO categories (parent_id, name, name_key) VALUES (@ParentId, @Name, @NameKey)", new { c.ParentId, c.Name, NameKey = Text.Key(c.Name) });

    public void Update(Tx tx, Category c) => tx.Add(
        "UPDATE categories SET parent_id = @ParentId, name = @Name, name_key = @NameKey, version = version + 1 WHERE id = @Id AND version = @Version",
        new { c.Id, c.ParentId, c.Name, NameKey = Text.Key(c.Name), c.Version });

    private static void AddVariant(Tx tx, long productId, int position, Variant v) => tx.Add(
        "INSERT INTO product_variants (product_id, size, colour, position, active) VALUES (@productId, @Size, @Colour, @position, @Active)",
        new { productId, v.Size, v.Colour, position, v.Active });

    private static void AddParts(Tx tx, long id, Product p)
    {
        for (var i = 0; i < p.Steps.Count; i++)
        {
            var s = p.Steps[i];
            tx.Add(
                """
                INSERT INTO product_steps (product_id, position, stage_id, setup_minutes, run_minutes, crew, scrap_share, factor, required, parallel)
                VALUES (@id, @position, @StageId, @SetupMinutes, @RunMinutes, @Crew, @ScrapShare, @Factor, @Required, @Parallel)
                """, new { id, position = i + 1, s.StageId, s.SetupMinutes, s.RunMinutes, s.Crew, s.ScrapShare, s.Factor, s.Required, s.Parallel });
        }
        for (var i = 0; i < p.Instructions.Count; i++)
        {
            var n = p.Instructions[i];
            tx.Add("INSERT INTO work_instructions (product_id, stage_id, position, text, link) VALUES (@id, @StageId, @position, @Text, @Link)",
                new { id, n.StageId, position = i + 1, n.Text, n.Link });
        }
        for (var i = 0; i < p.Specifications.Count; i++)
        {
            var s = p.Specifications[i];
            tx.Add("INSERT INTO product_specifications (product_id, position, name, value, unit) VALUES (@id, @position, @Name, @Value, @Unit)", new { id, position = i + 1, s.Name, s.Value, s.Unit });
        }
    }

    private static object Args(Product p) => new
    {
        p.Id, p.Code, CodeKey = Text.Key(p.Code), p.Name, NameKey = Text.Key(p.Name), p.CategoryId, p.Unit, p.Decimals, Lifecycle = p.Lifecycle.ToString(), p.Version,
    };
}
