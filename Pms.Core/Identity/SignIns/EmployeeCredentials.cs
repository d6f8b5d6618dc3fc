using System.Data.Common;
using System.Security.Cryptography;
using Pms.Core.Audit;
using Pms.Core.Data;
using Pms.Core.Identity.Fields;
using Pms.Core.Identity.Sessions;
using Pms.Core.Identity.Users;

namespace Pms.Core.Identity.SignIns;

/// <summary>
/// Issues and takes back PINs and badges. The database keeps only hashes; what is issued is shown once. A new one ends the employee's
/// sessions. A supervisor may do it for people without a user account, an editor of employees for whoever may no more than they themselves,
/// so that nobody climbs into a manager's shoes by a new PIN.
/// </summary>
public sealed class EmployeeCredentials(Db db, SignInRepository credentials, FailureRepository failures, SecurityEvents security, Hashing hashing, FieldReach reach, Rights rights, AuditLog audit, PlantClock clock)
{
    /// <summary>Whether there is a PIN and a badge.</summary>
    public async Task<CredentialState> GetAsync(Actor actor, long employeeId, CancellationToken ct = default)
    {
        var state = await credentials.FindCredentialsAsync(employeeId, ct) ?? throw new NotFoundException("employee", employeeId);
        rights.Demand(actor, Permissions.EmployeesView, state.DepartmentId);
        return state;
    }

    /// <summary>Sets a PIN, a random one of six digits where none is given; returns it, once.</summary>
    public async Task<string> IssuePinAsync(Actor actor, long employeeId, string? pin = null, CancellationToken ct = default)
    {
        var state = await DemandAsync(actor, employeeId, ct);
        pin ??= RandomPin(state.EmployeeNumber);
        if (PasswordRules.CheckPin(pin, state.EmployeeNumber) is { } why)
            throw new InvalidException([new Fault("Pin", why)]);
        await SetPinAsync(actor, state, pin, "pin.issued", null, ct);
        return pin;
    }

    /// <summary>An employee chooses a PIN of their own; the old one proves it is them.</summary>
    /// <exception cref="InvalidException"><c>sign_in.wrong_pin</c></exception>
    public async Task ChangePinAsync(Actor actor, string? before, string? after, CancellationToken ct = default)
    {
        var id = actor.EmployeeId ?? throw new ForbiddenException(Permissions.TimeClock);
        var state = await credentials.FindCredentialsAsync(id, ct) ?? throw new NotFoundException("employee", id);
        if (PasswordRules.CheckPin(after, state.EmployeeNumber) is { } why)
            throw new InvalidException([new Fault("After", why)]);
        if (actor.BadgeOnly)
            throw new ForbiddenException("pin.change", state.DepartmentId);
        var account = await credentials.FindByEmployeeAsync(id, ct);
        // A phone left open must not become a place to guess the PIN at.
        await failures.ReserveAsync([new($"c:{id}|own", failures.Settings.FromDevice)], ct);
        if (!await hashing.VerifyAsync(before ?? "", account?.Hash, ct))
        {
            await security.WriteAsync(actor, "pin.wrong", "employee", id, ct: ct);
            throw new InvalidException("Before", "sign_in.wrong_pin");
        }
        await SetPinAsync(actor, state, after!, "pin.changed", actor.SessionId, ct);
    }

    /// <summary>A new badge; the one before signs nobody in any more. Returns what it carries, once.</summary>
    public async Task<string> IssueBadgeAsync(Actor actor, long employeeId, CancellationToken ct = default)
    {
        var state = await DemandAsync(actor, employeeId, ct);
        var token = Token.NewBadge();
        await ChangeAsync(actor, state, "badge.issued", null, async tx => await SignInRepository.SetBadgeAsync(tx, employeeId, token, clock.Now), ct);
        return token;
    }

    /// <summary>A lost or stolen badge is worth nothing from now on.</summary>
    public async Task RevokeBadgeAsync(Actor actor, long employeeId, CancellationToken ct = default)
    {
        var state = await DemandAsync(actor, employeeId, ct);
        await ChangeAsync(actor, state, "badge.revoked", null, async tx => await SignInRepository.SetBadgeAsync(tx, employeeId, null, clock.Now), ct);
    }

    /// <summary>Lifts the wait after too many wrong PINs; the PIN stays.</summary>
    public async Task UnlockAsync(Actor actor, long employeeId, CancellationToken ct = default)
    {
        var state = await credentials.FindCredentialsAsync(employeeId, ct) ?? throw new NotFoundException("employee", employeeId);
        rights.Demand(actor, Permissions.PinUnlock, state.DepartmentId);
        await db.InTransactionAsync(async tx =>
        {
            await FailureRepository.ClearAsync(tx, SignInService.PinAccount(state.EmployeeNumber));
            await FailureRepository.ClearAsync(tx, $"c:{employeeId}");
            audit.Write(tx, actor, "pin.unlocked", "employee", employeeId, departmentId: state.DepartmentId);
        }, ct);
    }

    private async Task<CredentialState> DemandAsync(Actor actor, long employeeId, CancellationToken ct)
    {
        var state = await credentials.FindCredentialsAsync(employeeId, ct) ?? throw new NotFoundException("employee", employeeId);
        var plain = state.UserId is null && state.Kind is "Operator" or "Cutter" or "Packer" or "Coordinator";
        if (!rights.Allows(actor, Permissions.EmployeesEdit, state.DepartmentId))
        {
            rights.Demand(actor, Permissions.PinUnlock, state.DepartmentId);
            if (!plain)
                throw new ForbiddenException(Permissions.EmployeesEdit, state.DepartmentId);
        }
        else if (!plain && rights.Now.OfEmployee(employeeId) is { } person)
        {
            rights.DemandCovers(actor, person.Permissions.Where(p => Permissions.WithoutPassword.Contains(p.Key)), person.Departments);
            reach.DemandCovers(actor, person);
        }
        return state;
    }

    private async Task SetPinAsync(Actor actor, CredentialState state, string pin, string action, string? exceptSession, CancellationToken ct)
    {
        var hash = await hashing.HashAsync(pin, ct);
        await ChangeAsync(actor, state, action, exceptSession, async tx => await SignInRepository.SetPinAsync(tx, state.EmployeeId, hash, clock.Now), ct);
    }

    private async Task ChangeAsync(Actor actor, CredentialState state, string action, string? exceptSession, Func<Tx, Task> change, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.InTransactionAsync(async tx =>
                {
                    await change(tx);
                    await SessionRepository.EndAllAsync(tx, null, state.EmployeeId, exceptSession, clock.Now);
                    await FailureRepository.ClearAsync(tx, SignInService.PinAccount(state.EmployeeNumber));
                    await FailureRepository.ClearAsync(tx, $"c:{state.EmployeeId}");
                    audit.Write(tx, actor, action, "employee", state.EmployeeId, departmentId: state.DepartmentId);
                    tx.Raise(new SessionEnded(null));
                }, ct);
                return;
            }
            catch (DbException e) when (db.Dialect.IsDuplicateKey(e) && attempt < 3)
            {
                continue;   // the employee's row was made by another command meanwhile
            }
        }
    }

    private static string RandomPin(string number)
    {
        while (true)
            if (RandomNumberGenerator.GetString("0123456789", PasswordRules.ShortestPin) is var pin && PasswordRules.CheckPin(pin, number) is null)
                return pin;
    }
}
