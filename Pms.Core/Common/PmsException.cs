namespace Pms.Core;

/// <summary>
/// A refusal that the person at the screen can act on; anything else that is thrown is a bug.
/// It carries a stable <see cref="Code"/> and arguments, never words: words are made from resources, in the reader's language,
/// in exactly two places (the API's problem details and the page base).
/// </summary>
public abstract class PmsException(string code, object?[] args, Exception? inner = null)
    : Exception($"{code}({string.Join(", ", args)})", inner)
{
    /// <summary>Stable, dotted, lower case, for example <c>job.machine_busy</c>; the resource key of the words.</summary>
    public string Code => code;

    /// <summary>Fills the words' {0}, {1}, … Values, not texts: numbers, instants and names.</summary>
    public IReadOnlyList<object?> Args => args;
}

/// <summary>The thing asked for does not exist, or the caller may not know that it does.</summary>
public sealed class NotFoundException(string what, object? id) : PmsException("not_found", [what, id]);

/// <summary>A rule of the plant forbids it in the present state; asking again without a change is pointless.</summary>
public sealed class RuleException(string code, params object?[] args) : PmsException(code, args);

/// <summary>Somebody else changed the thing first; reload and decide again.</summary>
public sealed class ConflictException(string code, params object?[] args) : PmsException(code, args);

/// <summary>The person lacks the permission, here or for this department.</summary>
public sealed class ForbiddenException(string permission, long? departmentId = null) : PmsException("forbidden", [permission, departmentId])
{
    public string Permission => permission;
    public long? DepartmentId => departmentId;
}

/// <summary>Nobody valid is signed in: session ended, account disabled, credentials wrong.</summary>
public class UnauthenticatedException(string code, params object?[] args) : PmsException(code, args);

/// <summary>
/// Allowed, but only with a reason: each warning is a soft rule that would be overridden.
/// The caller repeats the command with the reason filled in.
/// </summary>
public sealed class ReasonNeededException(IReadOnlyList<Refusal> warnings) : PmsException("reason_needed", [.. warnings])
{
    public IReadOnlyList<Refusal> Warnings => warnings;
}

/// <summary>The input is not well formed; one fault per field path, in <see cref="Faults"/>.</summary>
public sealed class InvalidException(IReadOnlyList<Fault> faults) : PmsException("invalid", [.. faults.Select(f => f.Field)])
{
    public InvalidException(string field, string code, params object?[] args) : this([new Fault(field, new Refusal(code, args))]) { }

    public IReadOnlyList<Fault> Faults => faults;
}

/// <summary>The same idempotency key came with another body.</summary>
public sealed class KeyReusedException() : PmsException("key_reused", []);

/// <summary>The same idempotency key is being worked on and took too long: ask again for its answer.</summary>
public sealed class KeyInFlightException() : PmsException("key_in_flight", [])
{
    public TimeSpan RetryAfter => TimeSpan.FromSeconds(2);
}

/// <summary>Too much at once, or the database can't be reached: this stored nothing, trying again later may work.</summary>
public sealed class BusyException(string code, Exception? inner = null, params object?[] args) : PmsException(code, args, inner)
{
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Too many tries: this account, address or client has to wait; nothing was looked at.</summary>
public sealed class TooManyException(string code, TimeSpan retryAfter) : PmsException(code, [(int)Math.Ceiling(retryAfter.TotalSeconds)])
{
    public TimeSpan RetryAfter => retryAfter;
}

/// <summary>The connection was lost while the change was being confirmed and there is no key to ask by: it may or may not be stored.</summary>
public sealed class OutcomeUnknownException(Exception inner) : PmsException("outcome_unknown", [], inner);

/// <summary>A code with its arguments, to be put into words where it is shown.</summary>
public sealed record Refusal(string Code, params object?[] Args);

/// <summary>What is wrong with one field; <see cref="Field"/> is the property path, e.g. <c>Lines[2].Quantity</c>.</summary>
public sealed record Fault(string Field, Refusal Why);
