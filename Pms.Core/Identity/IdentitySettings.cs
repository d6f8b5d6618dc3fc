namespace Pms.Core.Identity;

/// <summary>How long sign-ins live and how patient PMS is with wrong ones; follows the plant's settings as they are in force.</summary>
public sealed class IdentitySettings(LiveSettings live)
{
    /// <summary>A session ends this long after its sign-in, however busy it is.</summary>
    public TimeSpan SessionLimit => TimeSpan.FromHours(live.Now.SessionHours);

    /// <summary>A session nobody used for this long is over; never longer than <see cref="SessionLimit"/>.</summary>
    public TimeSpan SessionIdle => TimeSpan.FromMinutes(Math.Min(live.Now.SessionIdleMinutes, live.Now.SessionHours * 60));

    /// <summary>A person at a shared terminal is signed off the screen after this long without a tap; their time entries run on.</summary>
    public TimeSpan TerminalIdle => TimeSpan.FromSeconds(live.Now.TerminalIdleSeconds);

    /// <summary>An API access token is good for this long; a new one comes by the refresh token.</summary>
    public TimeSpan AccessToken { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>An issued password that nobody changed by then signs nobody in.</summary>
    public TimeSpan IssuedPassword => TimeSpan.FromDays(live.Now.IssuedPasswordDays);

    /// <summary>Characters that a new password has at least.</summary>
    public int PasswordLength => live.Now.PasswordLength;

    /// <summary>Failed sign-ins per address and minute before the address has to wait.</summary>
    public int FailuresPerAddress => live.Now.FailuresPerAddress;

    /// <summary>From this failure on the next try waits: on one device; from one address; on the account from all unknown devices.</summary>
    public int FromDevice => live.Now.FailuresBeforeWait;
    public int FromAddress => 2 * FromDevice;
    public int FromAnywhere => 10 * FromDevice;

    /// <summary>How long each further failure waits: the first wait, doubled each time up to the longest.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            var (first, longest) = (TimeSpan.FromSeconds(live.Now.FirstWaitSeconds), TimeSpan.FromMinutes(live.Now.LongestWaitMinutes));
            return [.. Enumerable.Range(0, 12).Select(i => first * (1 << i)).Select(w => w < longest ? w : longest)];
        }
    }

    /// <summary>How stale a node's picture of a session may be.</summary>
    public TimeSpan SessionFreshness { get; init; } = TimeSpan.FromSeconds(10);
}
