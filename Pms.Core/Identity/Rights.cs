using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Pms.Core.Data;
using Pms.Core.Events;
using Pms.Core.Identity.Fields;

namespace Pms.Core.Identity;

/// <summary>Users, roles, employees or sessions changed; every node reads its rights again.</summary>
public sealed record RightsChanged : IEvent;

/// <summary>
/// Who may do what, from one in-memory snapshot per node: reloaded on <see cref="RightsChanged"/> and every 10 s, read at each command.
/// Neither cookies nor tokens hold roles, so a withdrawn right bites on open pages too.
/// </summary>
public sealed class Rights : IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly RightsQueries queries;
    private readonly Burst burst;
    private readonly IDisposable[] subscriptions;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private volatile RightsSnapshot snapshot = RightsSnapshot.Empty;
    private long asked, shown;

    public Rights(RightsQueries queries, IEventBus bus, TimeProvider time, ILogger<Rights> log)
    {
        this.queries = queries;
        burst = new Burst(LoadAsync, time, log);
        subscriptions = [bus.Subscribe<RightsChanged>(_ => true, _ => burst.Request()), bus.Subscribe<EventsMissed>(_ => true, _ => burst.Request())];
        timer = time.CreateTimer(_ => burst.Request(), null, Every, Every);
    }

    /// <summary>After a picture with other field rules came into force on this node: open pages show themselves again.</summary>
    public event Action? FieldsChanged;

    /// <summary>The picture in force; immutable.</summary>
    public RightsSnapshot Now => snapshot;

    /// <summary>Reads the rights again and waits for it; at start, and after a change by this node before its answer goes out.</summary>
    public async Task LoadAsync(CancellationToken ct = default)
    {
        var turn = Interlocked.Increment(ref asked);
        var read = await queries.LoadAsync(ct);
        bool others;
        lock (gate)
        {
            if (turn <= shown)   // an older reading that took longer must not bring back what was withdrawn meanwhile
                return;
            others = read.FieldStamp != snapshot.FieldStamp;
            (snapshot, shown) = (read, turn);
        }
        if (others)
            FieldsChanged?.Invoke();
    }

    /// <summary>True if the actor has the permission, for the department where one is named. Own scope needs a department.</summary>
    public bool Allows(Actor actor, string permission, long? departmentId = null) => snapshot.Allows(actor, permission, departmentId);

    /// <exception cref="ForbiddenException">The actor lacks it.</exception>
    public void Demand(Actor actor, string permission, long? departmentId = null)
    {
        if (!snapshot.Allows(actor, permission, departmentId))
            throw new ForbiddenException(permission, departmentId);
    }

    /// <summary>
    /// Refuses to give away more than the actor holds: each permission at its reach, and one of own scope in every department that it would
    /// reach by it. Who may edit records must not widen anybody's rights by them, least of all their own.
    /// </summary>
    /// <param name="departments">Where the permissions of own scope will hold; empty: somewhere is enough.</param>
    /// <exception cref="ForbiddenException">Names the first permission that the actor lacks.</exception>
    public void DemandCovers(Actor actor, IEnumerable<KeyValuePair<string, Scope>> permissions, IReadOnlyCollection<long>? departments = null)
    {
        foreach (var (permission, scope) in permissions)
        {
            if (scope == Scope.All)
                Demand(actor, permission);
            else if (departments is { Count: > 0 })
                foreach (var department in departments)
                    Demand(actor, permission, department);
            else if (!actor.IsSystem && !snapshot.Anywhere(actor, permission))
                throw new ForbiddenException(permission);
        }
    }

    /// <summary>The departments in which the actor has the permission; null means all.</summary>
    /// <exception cref="ForbiddenException">In none.</exception>
    public IReadOnlySet<long>? DemandDepartments(Actor actor, string permission) => snapshot.Departments(actor, permission) switch
    {
        { IsAll: true } => null,
        { Ids.Count: > 0 } some => some.Ids,
        _ => throw new ForbiddenException(permission),
    };

    public void Dispose()
    {
        timer.Dispose();
        burst.Dispose();
        foreach (var s in subscriptions)
            s.Dispose();
    }
}

/// <summary>An immutable picture of all active people and what they may do.</summary>
public sealed class RightsSnapshot(FrozenDictionary<long, RightsSnapshot.Person> users, FrozenDictionary<long, RightsSnapshot.Person> employees, FrozenDictionary<long, long> accounts,
    FrozenDictionary<string, FrozenDictionary<string, Scope>> kinds)
{
    /// <summary>Differs when the field rules, or who they bind, do; 0 where there are none.</summary>
    public int FieldStamp { get; init; }

    /// <summary>What each role, active or not, says of fields; empty where no role says anything.</summary>
    internal IReadOnlyDictionary<string, RoleFields> RoleFields { get; init; } = FrozenDictionary<string, RoleFields>.Empty;

    internal IEnumerable<Person> Everybody => users.Values.Concat(employees.Values);

    public static readonly RightsSnapshot Empty = new(FrozenDictionary<long, Person>.Empty, FrozenDictionary<long, Person>.Empty, FrozenDictionary<long, long>.Empty,
        FrozenDictionary<string, FrozenDictionary<string, Scope>>.Empty);

    /// <summary>Permissions with the widest scope that any role gives, the person's own departments, and what restricts them in single fields, by entity.</summary>
    public sealed record Person(FrozenDictionary<string, Scope> Permissions, FrozenSet<long> Departments, FrozenSet<string> Roles, IReadOnlyDictionary<string, FieldView> Fields);

    /// <summary>The active person behind the actor; null if disabled or unknown.</summary>
    public Person? Of(Actor actor) =>
        actor.SeenAs is Person seen ? seen : actor.UserId is { } u ? users.GetValueOrDefault(u) : actor.EmployeeId is { } e ? employees.GetValueOrDefault(e) : null;

    /// <summary>What an active user may do; null if disabled or unknown.</summary>
    public Person? OfUser(long id) => users.GetValueOrDefault(id);

    /// <summary>What an active employee may do, by the account behind them if there is one; null if inactive or unknown.</summary>
    public Person? OfEmployee(long id) => AccountOf(id) is { } user ? users.GetValueOrDefault(user) : employees.GetValueOrDefault(id);

    /// <summary>Where an active employee belongs.</summary>
    public IReadOnlySet<long> DepartmentsOfEmployee(long id) => employees.TryGetValue(id, out var e) ? e.Departments : FrozenSet<long>.Empty;

    /// <summary>The active user that is linked to the employee.</summary>
    public long? AccountOf(long employeeId) => accounts.TryGetValue(employeeId, out var user) ? user : null;

    /// <summary>What an employee of this kind may do without an account.</summary>
    public IReadOnlyDictionary<string, Scope> OfKind(string kind) => kinds.GetValueOrDefault(kind, FrozenDictionary<string, Scope>.Empty);

    public bool IsActive(Actor actor) => actor.IsSystem || Of(actor) is not null;

    public bool Allows(Actor actor, string permission, long? departmentId)
    {
        if (actor.IsSystem)
            return true;
        if (Denied(actor, permission) || Of(actor) is not { } person || !person.Permissions.TryGetValue(permission, out var scope))
            return false;
        if (actor.OnlyDepartments is { } only && (departmentId is not { } named || !only.Contains(named)))
            return false;
        return scope == Scope.All || departmentId is { } d && person.Departments.Contains(d);
    }

    public (bool IsAll, FrozenSet<long> Ids) Departments(Actor actor, string permission)
    {
        if (actor.IsSystem)
            return (true, []);
        if (Denied(actor, permission) || Of(actor) is not { } person || !person.Permissions.TryGetValue(permission, out var scope))
            return (false, []);
        if (actor.OnlyDepartments is { } only)
            return (false, scope == Scope.All ? only.ToFrozenSet() : only.Where(person.Departments.Contains).ToFrozenSet());
        return scope == Scope.All ? (true, []) : (false, person.Departments);
    }

    /// <summary>True if the permission is held anywhere; what menus ask.</summary>
    public bool Anywhere(Actor actor, string permission) => Departments(actor, permission) is { IsAll: true } or { Ids.Count: > 0 };

    private static bool Denied(Actor actor, string permission) =>
        actor.BadgeOnly && !Permissions.WithBadgeOnly.Contains(permission) || actor.Scopes is { } scopes && !scopes.Contains(permission);
}
