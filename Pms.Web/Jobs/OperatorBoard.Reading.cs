using Pms.Core.Jobs;
using Pms.Core.Jobs.Holds;
using Pms.Core.Jobs.Time;
using Pms.Core.Machines;
using Pms.Core.Maintenance;
using Pms.Core.Orders.Goods;

namespace Pms.Web.Jobs;

// What the page reads, when it reads again, and what it needs not read twice.
public sealed partial class OperatorBoard
{
    /// <summary>Who stands here, where and with which reasons changes rarely, and by events; the jobs are read each time.</summary>
    private static readonly TimeSpan ScopeKept = TimeSpan.FromSeconds(30);

    private (DateOnly Day, long? Machine, DateTimeOffset At) _scopeOf;
    private volatile bool _scopeStale = true;
    private int _begun, _shown, _scopeShown;
    private IReadOnlyList<IDisposable> _heard = [];
    private IReadOnlyList<long>? _heardIn;

    protected override void Listen()
    {
        HearIn(null);   // until it is read whose page this is
        ReloadOn<ReadinessChanged>(e => _scope is { } scope && e.Departments.Any(scope.Sees));
        ReloadOn<HoldChanged>(e => _jobs.Jobs.Any(j => j.OrderId == e.OrderId));
        ReloadOn<TimeChanged>(e => e.EmployeeId == Actor.EmployeeId && ReadScopeAnew(true));
        ReloadOn<AllocationChanged>(e => e.EmployeeId == Actor.EmployeeId && ReadScopeAnew(true));
    }

    /// <summary>What happens at the machines is asked of the pages of its department only; the new listeners come before the old ones go.</summary>
    private void HearIn(IReadOnlyList<long>? departments)
    {
        var before = _heard;
        _heard =
        [
            Hear<JobChanged>(e => Concerns(e.DepartmentId, e.MachineId, e.MachineBefore, e.EmployeeId, e.EmployeeBefore), departments),
            Hear<TicketChanged>(e => (_scope?.Sees(e.DepartmentId) ?? false) && ReadScopeAnew(true), departments),
        ];
        _heardIn = departments;
        HearNoMore(before);
    }

    private static void HearNoMore(IReadOnlyList<IDisposable> heard)
    {
        foreach (var subscription in heard)
            subscription.Dispose();
    }

    /// <summary>A page that is only drawn once hears nothing, and one that was left nothing more.</summary>
    private bool Hears => RendererInfo.IsInteractive && !Left.IsCancellationRequested;

    private bool HearsWhereItIs => _scope is { } scope ? _heardIn?.SequenceEqual(scope.Departments) == true : _heardIn is null;

    /// <summary>Listens where the scope is now; where it was elsewhere before, what happened here meanwhile is read once more.</summary>
    private void HearInScope()
    {
        if (!Hears || HearsWhereItIs)
            return;
        var elsewhere = _heardIn is not null;
        HearIn(_scope?.Departments);
        if (elsewhere)
            ReloadSoon();
    }

    protected override async Task LoadAsync(CancellationToken ct)
    {
        var begun = ++_begun;
        var scope = await ScopeAsync(begun, ct);
        var jobs = scope is null ? _jobs : await Queries.LoadAsync(Actor, scope, Shown.Until(Calendars.Now, Plant, scope.DepartmentId), _take, ct);
        // Two readings may be under way, one after a tap and one after an event: the one that began later has seen more, whichever ends first.
        if (begun < _shown)
            return;
        (_shown, _jobs) = (begun, jobs);
    }

    private async Task<OperatorScope?> ScopeAsync(int begun, CancellationToken ct)
    {
        var day = _scope is null ? Plant.Today : Calendars.Now.ProductionDay(_scope.DepartmentId, null, Now);
        // Whoever is not clocked in may be by the tap just made.
        if (!_scopeStale && _scope?.ClockedInAt is not null && (_scopeOf.Day, _scopeOf.Machine) == (day, MachineId) && (Now - _scopeOf.At).Duration() < ScopeKept)
            return _scope;
        _scopeStale = false;   // what happens from here on asks again
        try
        {
            var scope = await Queries.ScopeAsync(Actor, day, MachineId, ct);
            if (begun >= _scopeShown)
            {
                (_scopeShown, _scopeOf, _scope) = (begun, (day, MachineId, Now), scope);
                HearInScope();
            }
            return _scope;
        }
        catch
        {
            _scopeStale = true;
            throw;
        }
    }

    /// <summary>Gives back what it is given, so that it fits into a filter or after a command.</summary>
    private T ReadScopeAnew<T>(T answer)
    {
        _scopeStale = true;
        return answer;
    }

    /// <summary>Only my departments' jobs, and of those my machines' and my own unless I see all.</summary>
    private bool Concerns(long department, long? machine, long? before, long? employee, long? employeeBefore)
    {
        if (_scope is not { } scope)
            return employee == Actor.EmployeeId || employeeBefore == Actor.EmployeeId;
        return scope.Sees(department) && (scope.WholeDepartment || machine is null || employee == scope.EmployeeId || employeeBefore == scope.EmployeeId
            || scope.Machines.Any(m => m.Id == machine || m.Id == before) || _jobs.Jobs.Any(j => j.MachineId == machine));
    }
}
