using Pms.Core;
using Pms.Core.Products;
using Pms.Web.Identity;
using Pms.Web.Shared.Api;

namespace Pms.Web.Products;

/// <summary>/api/v1/products and /api/v1/categories: list, read, create, replace, remove.</summary>
public static class ProductsApi
{
    public static void MapProductsApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("products");
        var example = new { code = "POLO-W", name = "Polo shirt white", unit = "pcs", decimals = 0, specifications = new[] { new { name = "Fabric weight", value = "180", unit = "g/m²" } }, lifecycle = nameof(Lifecycle.Active), steps = new[] { new { stageId = 1, runMinutes = 0.5 } } };
        api.MapList("/", ProductService.Shape, (http, request) => Service(http).ListAsync(http.Actor(), request, http.RequestAborted)).Says("ListProducts", "List products");
        api.MapOne("/{id:long}", ReadAsync).Says("GetProduct", "Read a product");
        api.MapCreate<Product, Product>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"products/{x.Id}")
            .Says("CreateProduct", "Create a product").Example(example);
        api.MapChange<Product, Product>("/{id:long}", async http => (await ReadAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeProduct", "Replace a product").Example(example);
        api.MapRemove("/{id:long}", async http => (await ReadAsync(http)).Version, (http, version) => Service(http).RemoveAsync(http.Actor(), http.Id(), version, http.RequestAborted))
            .Says("RemoveProduct", "Remove a product that nothing refers to", "What was ordered is retired instead.");
    }

    public static void MapCategoriesApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi("categories");
        var example = new { name = "Jackets", parentId = 1 };
        api.MapWhole("/", http => Service(http).CategoriesAsync(http.Actor(), http.RequestAborted)).Says("ListCategories", "List the category tree of the products");
        api.MapOne("/{id:long}", CategoryAsync).Says("GetCategory", "Read a category");
        api.MapCreate<Category, Category>("/", (http, body) => Service(http).SaveAsync(http.Actor(), body with { Id = 0, Version = 0 }, http.RequestAborted), x => $"categories/{x.Id}").Says("CreateCategory", "Create a category").Example(example);
        api.MapChange<Category, Category>("/{id:long}", async http => (await CategoryAsync(http)).Version, (http, body, version) =>
            Service(http).SaveAsync(http.Actor(), body with { Id = http.Id(), Version = version }, http.RequestAborted)).Says("ChangeCategory", "Rename or move a category", "It never comes to stand below itself.").Example(example);
        api.MapRemove("/{id:long}", async http => (await CategoryAsync(http)).Version, (http, version) => Service(http).RemoveCategoryAsync(http.Actor(), http.Id(), version, http.RequestAborted)).Says("RemoveCategory", "Remove a category in which nothing stands");
    }

    private static Task<Category> CategoryAsync(HttpContext http) => Service(http).CategoryAsync(http.Actor(), http.Id(), http.RequestAborted);

    private static ProductService Service(HttpContext http) => http.Service<ProductService>();

    private static Task<Product> ReadAsync(HttpContext http) => Service(http).GetAsync(http.Actor(), http.Id(), http.RequestAborted);
}
