using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using P = Pms.Core.Products.Product;

namespace Pms.Core.Products;

/// <summary>Which fields of products roles may be kept from.</summary>
public static class ProductFields
{
    public static FieldEntity Product => FieldEntity.Of<P>("product", Permissions.ProductsView, Permissions.ProductsEdit, [nameof(P.Code), nameof(P.Name), nameof(P.Lifecycle)], needed: [nameof(P.Unit)])
        .Also<ProductRow>()
        .Asked(("stage", nameof(P.Steps)))
        .When("Lifecycle", Enum.GetNames<Lifecycle>(), r => r is P p ? p.Lifecycle : (r as ProductRow)?.Lifecycle);
}
