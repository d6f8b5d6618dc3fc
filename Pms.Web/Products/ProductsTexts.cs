namespace Pms.Web.Products;

/// <summary>The words of the products pages (ProductsTexts.resx).</summary>
public sealed class ProductsTexts;
