using Pms.Core.Files;
using Pms.Core.Identity;

namespace Pms.Core.Products;

/// <summary>Operators see a product's pictures and instructions with its jobs, so whoever sees or does jobs may see them too.</summary>
public sealed class ProductFiles(ProductRepository products, Rights rights) : IFileOwner
{
    public string Entity => "product";

    public Task DemandViewAsync(Actor actor, long id, CancellationToken ct)
    {
        if (!rights.Now.Anywhere(actor, Permissions.JobsExecute) && !rights.Now.Anywhere(actor, Permissions.JobsView))
            rights.Demand(actor, Permissions.ProductsView);
        return Task.CompletedTask;
    }

    public async Task<long?> DemandEditAsync(Actor actor, long id, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.ProductsEdit);
        return await products.FindAsync(id, ct) is null ? throw new NotFoundException(Entity, id) : null;
    }
}
