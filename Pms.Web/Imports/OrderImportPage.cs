using Microsoft.AspNetCore.Components;
using Pms.Core.Identity;
using Pms.Web.Identity;

namespace Pms.Web.Imports;

/// <summary>The import of order books: the same way as every import's, at planning's own address and with its own right.</summary>
[Route("/planning/import")]
[Route("/planning/import/{Id:long}")]
[Needs(Permissions.OrdersEdit)]
public sealed class OrderImportPage : ImportPage;
