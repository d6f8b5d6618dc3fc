using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using C = Pms.Core.Products.Category;
using P = Pms.Core.Products.Product;

namespace Pms.Core.Products;

/// <summary>Which fields of products and their categories roles may be kept from.</summary>
public static class ProductFields
{
    public static FieldEntity Category => FieldEntity.Of<C>("category", Permissions.ProductsView, Permissions.ProductsEdit, [nameof(C.Name)]);

    public static FieldEntity Product => FieldEntity.Of<P>("product", Permissions.ProductsView, Permissions.ProductsEdit, [nameof(P.Code), nameof(P.Name), nameof(P.Lifecycle)], needed: [nameof(P.Unit)])
        .Also<ProductRow>()
        .Asked(("stage", nameof(P.Steps)))
        .When("Lifecycle", Enum.GetNames<Lifecycle>(), r => r is P p ? p.Lifecycle : (r as ProductRow)?.Lifecycle);
}
