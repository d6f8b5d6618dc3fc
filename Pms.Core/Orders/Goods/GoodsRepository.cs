using Pms.Core.Data;

namespace Pms.Core.Orders.Goods;

/// <summary>Writes moves of material and dispatches, and reads them. Nothing is ever changed.</summary>
public sealed class GoodsRepository(Db db)
{
    private const string SelectMoves = "SELECT id, order_id, item_id, kind, quantity, note, over_why, at, by_name, corrects_id FROM material_moves";
    private const string SelectDispatches = "SELECT id, order_id, item_id, kind, quantity, on_day, note, over_why, at, by_name, corrects_id FROM dispatches";

    /// <summary>Every entry of an order, the latest first.</summary>
    public Task<(IReadOnlyList<MaterialMove> Moves, IReadOnlyList<Dispatch> Dispatches)> OfOrderAsync(long orderId, CancellationToken ct = default) => db.ManyAsync<(IReadOnlyList<MaterialMove>, IReadOnlyList<Dispatch>)>(
        SelectMoves + " WHERE order_id = @orderId ORDER BY at DESC, id DESC; " + SelectDispatches + " WHERE order_id = @orderId ORDER BY at DESC, id DESC", new { orderId },
        async grids => ([.. await grids.ReadAsync<MaterialMove>()], [.. await grids.ReadAsync<Dispatch>()]), ct);

    public Task<MaterialMove?> FindMoveAsync(long id, CancellationToken ct = default) => db.FindAsync<MaterialMove>(SelectMoves + " WHERE id = @id", new { id }, ct);

    public Task<Dispatch?> FindDispatchAsync(long id, CancellationToken ct = default) => db.FindAsync<Dispatch>(SelectDispatches + " WHERE id = @id", new { id }, ct);

    public Task<long> InsertAsync(Tx tx, MaterialMove m) => tx.InsertAsync(
        """
        INSERT INTO material_moves (order_id, item_id, kind, quantity, note, over_why, at, by_name, corrects_id)
        VALUES (@OrderId, @ItemId, @Kind, @Quantity, @Note, @OverWhy, @At, @ByName, @CorrectsId)
        """, new { m.OrderId, m.ItemId, Kind = m.Kind.ToString(), m.Quantity, m.Note, m.OverWhy, m.At, m.ByName, m.CorrectsId });

    public Task<long> InsertAsync(Tx tx, Dispatch d) => tx.InsertAsync(
        """
        INSERT INTO dispatches (order_id, item_id, kind, quantity, on_day, note, over_why, at, by_name, corrects_id)
        VALUES (@OrderId, @ItemId, @Kind, @Quantity, @OnDay, @Note, @OverWhy, @At, @ByName, @CorrectsId)
        """, new { d.OrderId, d.ItemId, Kind = d.Kind.ToString(), d.Quantity, d.OnDay, d.Note, d.OverWhy, d.At, d.ByName, d.CorrectsId });
}
