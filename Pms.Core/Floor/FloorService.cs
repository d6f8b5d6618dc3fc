using Pms.Core.Identity;
using Pms.Core.Identity.Fields;
using Pms.Core.Orders;

namespace Pms.Core.Floor;

/// <summary>Opens the boards to who may see them; the departments a person may see are asked at each render, from memory.</summary>
public sealed class FloorService(FloorBoards boards, FieldRules fields, Rights rights)
{
    /// <summary>The departments whose floor the actor may see; null is all.</summary>
    /// <exception cref="ForbiddenException">None.</exception>
    public IReadOnlySet<long>? Scope(Actor actor) => rights.DemandDepartments(actor, Permissions.FloorView);

    /// <summary>The overview of the actor's departments, or of one of them.</summary>
    public async Task<OverviewView> OverviewAsync(Actor actor, long? departmentId = null, CancellationToken ct = default)
    {
        var scope = Narrow(Scope(actor), departmentId);
        return Seen(actor, (await boards.LoadAsync(ct)).View(scope));
    }

    /// <summary>A shared picture without what field rules hide from this reader.</summary>
    public OverviewView Seen(Actor actor, OverviewView view) => view.As(OrderSight.Of(fields, actor));

    /// <summary>The machines of the actor's departments, or of one of them.</summary>
    public async Task<FloorSnapshot> FloorAsync(Actor actor, long? departmentId = null, CancellationToken ct = default)
    {
        var scope = Narrow(Scope(actor), departmentId);
        var floor = (await boards.LoadAsync(ct)).Floor;
        return scope is null ? floor : floor with { Machines = [.. floor.Of(scope)], Departments = [.. floor.Departments.Where(d => scope.Contains(d.Id))] };
    }

    /// <summary>A chosen department within what may be seen; one that may not be seen gives nothing.</summary>
    public static IReadOnlySet<long>? Narrow(IReadOnlySet<long>? scope, long? departmentId) =>
        departmentId is not { } d ? scope : scope is null || scope.Contains(d) ? new HashSet<long> { d } : new HashSet<long>();
}
