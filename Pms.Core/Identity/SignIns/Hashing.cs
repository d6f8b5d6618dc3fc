using Pms.Core.Data;

namespace Pms.Core.Identity.SignIns;

/// <summary>
/// Slow hashes of passwords and PINs (bcrypt over SHA-384, so that long passwords count whole), at most cores − 1 at once and never on the
/// caller's thread: a storm of sign-ins must not stop the taps. Too long a queue is refused.
/// </summary>
public sealed class Hashing : IDisposable
{
    public const int LongestQueue = 256;

    private readonly CoreSettings settings;
    private readonly SemaphoreSlim gate = new(Math.Max(1, Environment.ProcessorCount - 1));
    private readonly Lazy<string> dummy;
    private int waiting;

    public Hashing(CoreSettings settings)
    {
        this.settings = settings;
        dummy = new(() => BCrypt.Net.BCrypt.EnhancedHashPassword(Token.New(), settings.PasswordWorkFactor));
    }

    public Task<string> HashAsync(string secret, CancellationToken ct = default) =>
        InTurnAsync(() => BCrypt.Net.BCrypt.EnhancedHashPassword(secret, settings.PasswordWorkFactor), ct);

    /// <summary>True if the secret is the one of the hash. Without a hash it takes as long and is false: the time tells nobody whether a name exists.</summary>
    public Task<bool> VerifyAsync(string secret, string? hash, CancellationToken ct = default) =>
        InTurnAsync(() => BCrypt.Net.BCrypt.EnhancedVerify(secret, hash ?? dummy.Value) && hash is not null, ct);

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken ct)
    {
        if (Interlocked.Increment(ref waiting) > LongestQueue)
        {
            Interlocked.Decrement(ref waiting);
            throw new BusyException("sign_in.busy") { RetryAfter = TimeSpan.FromSeconds(5) };
        }
        try
        {
            await gate.WaitAsync(ct);
            try { return await Task.Run(work, ct); }
            finally { gate.Release(); }
        }
        finally { Interlocked.Decrement(ref waiting); }
    }

    public void Dispose() => gate.Dispose();
}
