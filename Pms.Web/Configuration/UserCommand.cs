using Pms.Core;
using Pms.Core.Identity.SecondFactors;
using Pms.Core.Identity.Users;

namespace Pms.Web.Configuration;

/// <summary>
/// The command <c>user reset-second-factor NAME</c>: the way back in for the last administrator, for whoever may run programs on the server.
/// It is written to the audit as any other reset, ends the user's sessions, and the password is still asked for.
/// </summary>
public static class UserCommand
{
    public static async Task<int> ResetSecondFactorAsync(IServiceProvider services, string name, IReadOnlyCollection<string> pending, TextWriter to)
    {
        if (pending.Count > 0)
        {
            await to.WriteLineAsync($"Nothing was changed: the database lacks {string.Join(", ", pending)}.\n      → Run the 'migrate' command first.");
            return 1;
        }
        var actor = Actor.System("user reset-second-factor", Channel.Console);
        var found = await services.GetRequiredService<UserService>().ListAsync(actor, new PageRequest { Search = name, Size = PageRequest.MaxSize });
        if (found.Items.FirstOrDefault(u => Text.Key(u.UserName) == Text.Key(name)) is not { } user)
        {
            await to.WriteLineAsync($"There is no user {name}.");
            return 1;
        }
        try { await services.GetRequiredService<SecondFactorService>().ResetAsync(actor, user.Id); }
        catch (RuleException nothing) when (nothing.Code == "mfa.not_on")
        {
            await to.WriteLineAsync($"{user.UserName} has no second factor in force; nothing was changed.");
            return 1;
        }
        await to.WriteLineAsync($"The second factor of {user.UserName} ({user.DisplayName}) is reset and their sessions are ended. The password alone signs them in now; where a role asks for a second factor, they set up the next one first.");
        return 0;
    }
}
