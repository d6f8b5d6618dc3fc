namespace Pms.Web.Orders;

/// <summary>The words of the orders pages (OrdersTexts.resx).</summary>
public sealed class OrdersTexts;
