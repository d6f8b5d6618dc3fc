using System.Data.Common;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Roles;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.SignIns;

namespace Pms.Core.Identity.Users;

/// <summary>
/// Users and what they may be: nobody manages an account that may do more than they, and the last active System Admin stays one,
/// however many administrators decide at the same moment.
/// </summary>
public sealed class UserService(
    Db db, UserRepository users, RoleRepository roleRows, Hashing hashing, FieldRules fields, FieldReach reach, Rights rights, AuditLog audit, IdentitySettings settings, SessionService sessions, FailureRepository failures, PlantClock clock)
{
    private static readonly CreateUserValidator CreateValidator = new();
    private static readonly UpdateUserValidator UpdateValidator = new();

    /// <summary>Which fields of users roles may be kept from.</summary>
    public static FieldEntity Fields => FieldEntity.Of<User>("user", Permissions.AdminUsers, Permissions.AdminUsers, [nameof(User.UserName), nameof(User.DisplayName)],
            without: [nameof(User.MustChangePassword), nameof(User.PasswordExpiresAt)])
        .Also<UserRow>(("EmployeeNumber", nameof(User.EmployeeId)), ("Roles", nameof(User.RoleIds)))
        .Asked(("state", nameof(User.Active)), ("role", nameof(User.RoleIds)), ("department", nameof(User.DepartmentIds)))
        .When("Active", ["True", "False"], r => r is User u ? u.Active : (r as UserRow)?.Active);

    /// <summary>How the list can be asked; factor is On, Off or Missing.</summary>
    public static ListShape Shape => UserRepository.Shape;

    public async Task<Page<UserRow>> ListAsync(Actor actor, PageRequest request, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        return fields.Masked(actor, await users.PageAsync(fields.Asked<UserRow>(actor, request), ct));
    }

    /// <summary>One user, without the hash.</summary>
    public async Task<User> GetAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        return fields.Masked(actor, await users.GetAsync(id, ct) with { PasswordHash = null });
    }

    /// <summary>Makes a user with an issued password, shown once. A password can be given by the system only (set-up, demo); then no change is forced.</summary>
    /// <exception cref="InvalidException"><c>name_taken</c>, <c>user.employee_taken</c></exception>
    public async Task<IssuedPassword> CreateAsync(Actor actor, CreateUser request, string? password = null, CancellationToken ct = default)
    {
        CreateValidator.Demand(request);
        rights.Demand(actor, Permissions.AdminUsers);
        if (password is not null && !actor.IsSystem)
            throw new ForbiddenException(Permissions.AdminUsers);
        await DemandCoversAsync(actor, request.RoleIds, request.RoleIds, [.. request.DepartmentIds, .. DepartmentsOf(request.EmployeeId)], ct);
        var (issued, now) = (password ?? Token.NewReadable(4), clock.Now);
        var hash = await hashing.HashAsync(issued, ct);
        var user = new User
        {
            UserName = Text.Clean(request.UserName), DisplayName = Text.Clean(request.DisplayName), Email = Optional(request.Email), PasswordHash = hash, MustChangePassword = password is null,
            PasswordExpiresAt = password is null ? now + settings.IssuedPassword : null, EmployeeId = request.EmployeeId, Active = true, CreatedAt = now,
            RoleIds = [.. request.RoleIds.Distinct().Order()], DepartmentIds = [.. request.DepartmentIds.Distinct().Order()],
        };
        fields.Filled(actor, null, user with { Active = false });   // every new account is active, nobody chose it
        var id = await TranslatedAsync(() => db.InTransactionAsync(tx => InsertAsync(tx, actor, user), ct), user.UserName);
        await rights.LoadAsync(ct);
        return new(id, issued, user.PasswordExpiresAt ?? DateTimeOffset.MaxValue);
    }

    internal async Task<long> InsertAsync(Tx tx, Actor actor, User user)
    {
        var id = await users.InsertAsync(tx, user);
        UserRepository.SetRoles(tx, id, [], user.RoleIds);
        UserRepository.SetDepartments(tx, id, [], user.DepartmentIds);
        audit.Write(tx, actor, "user.created", "user", id, AuditLog.Diff(null, user));
        tx.Raise(new RightsChanged());
        return id;
    }

    /// <exception cref="RuleException"><c>user.last_admin</c></exception>
    /// <exception cref="ConflictException"><c>changed_meanwhile</c></exception>
    public async Task UpdateAsync(Actor actor, UpdateUser request, CancellationToken ct = default)
    {
        UpdateValidator.Demand(request);
        var name = "";
        await TranslatedAsync(() => ChangeAsync(actor, request.Id, "user.changed", before =>
        {
            if (before.Version != request.Version)
                throw new ConflictException("changed_meanwhile");
            name = before.UserName;
            return before with
            {
                DisplayName = Text.Clean(request.DisplayName), Email = Optional(request.Email), Culture = Optional(request.Culture), Language = Optional(request.Language), EmployeeId = request.EmployeeId,
                RoleIds = [.. request.RoleIds.Distinct().Order()], DepartmentIds = [.. request.DepartmentIds.Distinct().Order()],
            };
        }, endSessions: false, ct), name);
    }

    /// <summary>The person is signed off everywhere within seconds and can't sign in again.</summary>
    /// <exception cref="RuleException"><c>user.last_admin</c></exception>
    public Task DeactivateAsync(Actor actor, long id, CancellationToken ct = default) =>
        ChangeAsync(actor, id, "user.deactivated", before => before with { Active = false }, endSessions: true, ct);

    public Task ReactivateAsync(Actor actor, long id, CancellationToken ct = default) =>
        ChangeAsync(actor, id, "user.reactivated", before => before with { Active = true }, endSessions: false, ct);

    /// <summary>A new password for somebody who forgot theirs: shown once, must be changed, ends the person's sessions and waits.</summary>
    public async Task<IssuedPassword> IssuePasswordAsync(Actor actor, long id, CancellationToken ct = default)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        var (password, expires) = (Token.NewReadable(4), clock.Now + settings.IssuedPassword);
        var hash = await hashing.HashAsync(password, ct);
        await ChangeAsync(actor, id, "user.password_issued", before => before with { PasswordHash = hash, MustChangePassword = true, PasswordExpiresAt = expires }, endSessions: true, ct);
        return new(id, password, expires);
    }

    /// <summary>The person's own change; the other sessions of theirs end.</summary>
    /// <exception cref="InvalidException"><c>password.wrong</c>, or why the new one is refused.</exception>
    public async Task ChangeOwnPasswordAsync(Actor actor, string? before, string? after, CancellationToken ct = default)
    {
        var id = actor.UserId ?? throw new ForbiddenException("password.change");
        if (actor.Scopes is not null)
            throw new ForbiddenException("password.change");   // a PIN or an API key doesn't open the way to the password
        var user = await users.GetAsync(id, ct);
        if (PasswordRules.Check(after, settings.PasswordLength, user.UserName, user.DisplayName, user.Email) is { } why)
            throw new InvalidException([new Fault("After", why)]);
        if (after == before)
            throw new InvalidException("After", "password.same");
        FailureSubject[] subject = [new($"w:{id}|", settings.FromDevice)];
        await failures.ReserveAsync(subject, ct);
        if (!await hashing.VerifyAsync(before ?? "", user.PasswordHash, ct))
            throw new InvalidException("Before", "password.wrong");
        var hash = await hashing.HashAsync(after!, ct);
        await db.InTransactionAsync(async tx =>
        {
            var now = await users.GetAsync(id, ct);
            if (now.PasswordHash != user.PasswordHash)
                throw new ConflictException("changed_meanwhile");
            await FailureRepository.TakeBackAsync(tx, subject, subject[0].Key);
            var changed = now with { PasswordHash = hash, MustChangePassword = false, PasswordExpiresAt = null };
            users.Update(tx, changed);
            audit.Write(tx, actor, "user.password_changed", "user", id, AuditLog.Diff(now, changed));
            await SessionRepository.EndAllAsync(tx, id, null, actor.SessionId, clock.Now);
            tx.Raise(new SessionEnded(null));
        }, ct);
        sessions.Forget();
    }

    /// <summary>The person's own way of writing numbers and dates, and their language; null is the plant's or the browser's.</summary>
    /// <exception cref="ForbiddenException">Only a badge was shown, which changes nothing of an account.</exception>
    public Task SetOwnCultureAsync(Actor actor, string? culture, string? language, CancellationToken ct = default) => db.InTransactionAsync(async tx =>
    {
        if (actor.BadgeOnly)
            throw new ForbiddenException("account.change");
        var before = await users.GetAsync(actor.UserId ?? throw new UnauthenticatedException("session.ended"), ct);
        var after = before with { Culture = Optional(culture), Language = Optional(language) };
        if (after == before)
            return;
        users.Update(tx, after);
        audit.Write(tx, actor, "user.changed", "user", before.Id, AuditLog.Diff(before, after));
    }, ct);

    private async Task ChangeAsync(Actor actor, long id, string action, Func<User, User> change, bool endSessions, CancellationToken ct)
    {
        rights.Demand(actor, Permissions.AdminUsers);
        var adminRole = (await roleRows.ListAsync(ct)).FirstOrDefault(r => r.IsAdmin)?.Id;
        await db.InTransactionAsync(async tx =>
        {
            await UserRepository.LockAdminsAsync(tx);
            var before = await users.GetAsync(id, ct);
            var after = fields.Filled(actor, before, change(before));
            fields.Demand(actor, before, after);
            await DemandCoversAsync(actor, before.RoleIds, after.RoleIds, [.. before.DepartmentIds.Union(after.DepartmentIds), .. DepartmentsOf(before.EmployeeId), .. DepartmentsOf(after.EmployeeId)], ct);
            var changes = AuditLog.Diff(before, after);
            if (changes.Count == 0)
                return;
            users.Update(tx, after);
            UserRepository.SetRoles(tx, id, before.RoleIds, after.RoleIds);
            UserRepository.SetDepartments(tx, id, before.DepartmentIds, after.DepartmentIds);
            audit.Write(tx, actor, action, "user", id, changes);
            // Whoever the account stood for until now must not go on acting under the new name, nor the other way round.
            if (before.EmployeeId != after.EmployeeId)
            {
                await SessionRepository.EndAllAsync(tx, id, null, null, clock.Now);
                foreach (var linked in new[] { before.EmployeeId, after.EmployeeId })
                    if (linked is not null)
                        await SessionRepository.EndAllAsync(tx, null, linked, null, clock.Now);
                tx.Raise(new SessionEnded(null));
            }
            if (endSessions)
            {
                await SessionRepository.EndAllAsync(tx, id, null, null, clock.Now);
                await FailureRepository.ClearAsync(tx, SignInService.PasswordAccount(before.UserName));
                tx.Raise(new SessionEnded(null));
            }
            var wasAdmin = before.Active && adminRole is { } role && before.RoleIds.Contains(role);
            if (wasAdmin && await UserRepository.CountAdminsAsync(tx) == 0)
                throw new RuleException("user.last_admin", before.DisplayName);
            tx.Raise(new RightsChanged());
        }, ct);
        sessions.Forget();
        await rights.LoadAsync(ct);
    }

    /// <summary>Does a change of another feature that may take the last System Admin away (an employee leaves), inside its transaction.</summary>
    /// <exception cref="RuleException"><c>user.last_admin</c></exception>
    public static async Task KeepAnAdminAsync(Tx tx, string name, Action change)
    {
        await UserRepository.LockAdminsAsync(tx);
        var had = await UserRepository.CountAdminsAsync(tx);
        change();
        if (had > 0 && await UserRepository.CountAdminsAsync(tx) == 0)
            throw new RuleException("user.last_admin", name);
    }

    /// <summary>The account may do nothing that the actor may not.</summary>
    /// <exception cref="NotFoundException">There is no such user.</exception>
    internal async Task DemandManagesAsync(Actor actor, long id, CancellationToken ct)
    {
        var user = await users.GetAsync(id, ct);
        await DemandCoversAsync(actor, user.RoleIds, user.RoleIds, [.. user.DepartmentIds, .. DepartmentsOf(user.EmployeeId)], ct);
    }

    /// <summary>
    /// Roles reach as far as the account's departments and those of its employee, so both are asked for together. Fields by all of an account's
    /// roles at once, as it is and as it shall be.
    /// </summary>
    private async Task DemandCoversAsync(Actor actor, IReadOnlyList<long> was, IReadOnlyList<long> roleIds, IReadOnlyCollection<long> departments, CancellationToken ct)
    {
        var all = await roleRows.ListAsync(ct);
        List<Role> Of(IEnumerable<long> ids) => [.. ids.Select(id => all.FirstOrDefault(r => r.Id == id) ?? throw new NotFoundException("role", id))];
        foreach (var role in Of(was.Union(roleIds)))
            rights.DemandCovers(actor, role.Permissions, departments);
        reach.DemandCovers(actor, Of(was));
        reach.DemandCovers(actor, Of(roleIds));
    }

    private IReadOnlySet<long> DepartmentsOf(long? employeeId) => employeeId is { } id ? rights.Now.DepartmentsOfEmployee(id) : new HashSet<long>();

    private async Task TranslatedAsync(Func<Task> work, string userName) => await TranslatedAsync(async () => { await work(); return 0; }, userName);

    private async Task<T> TranslatedAsync<T>(Func<Task<T>> work, string userName)
    {
        try
        {
            return await work();
        }
        catch (DbException e) when (db.Dialect.IsDuplicateKey(e, "users"))
        {
            throw e.Message.Contains("employee", StringComparison.Ordinal)
                ? new InvalidException(nameof(CreateUser.EmployeeId), "user.employee_taken")
                : new InvalidException(nameof(CreateUser.UserName), "name_taken", userName);
        }
    }

    private static string? Optional(string? text) => Text.Clean(text) is { Length: > 0 } clean ? clean : null;
}
