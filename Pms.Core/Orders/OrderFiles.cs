using Pms.Core.Files;
using Pms.Core.Identity;

namespace Pms.Core.Orders;

/// <summary>Who sees an order sees its papers; who may edit orders may change them, of an ended order too.</summary>
public sealed class OrderFiles(OrderRepository orders, Rights rights) : IFileOwner
{
    public string Entity => "order";

    public Task DemandViewAsync(Actor actor, long id, CancellationToken ct) => DemandAsync(actor, Permissions.OrdersView, id, ct);

    public async Task<long?> DemandEditAsync(Actor actor, long id, CancellationToken ct)
    {
        await DemandAsync(actor, Permissions.OrdersEdit, id, ct);
        return null;
    }

    private async Task DemandAsync(Actor actor, string permission, long id, CancellationToken ct)
    {
        rights.Demand(actor, permission);
        if (await orders.FindAsync(id, ct) is null)
            throw new NotFoundException(Entity, id);
    }
}
