using System.Globalization;
using Pms.Core;
using Pms.Core.Audit;

namespace Pms.Web.Configuration;

/// <summary>The command <c>audit verify</c>: checks the whole chain beside a running PMS, says what it checked and through which root, and ends with 0 only when all of it holds.</summary>
public static class AuditCommand
{
    public static async Task<int> VerifyAsync(IServiceProvider services, IReadOnlyCollection<string> pending, TextWriter to)
    {
        if (pending.Count > 0)
        {
            await to.WriteLineAsync($"The audit can't be verified: the database lacks {string.Join(", ", pending)}.\n      → Run the 'migrate' command, or the PMS that wrote this database.");
            return 1;
        }
        AuditVerification found;
        try { found = await services.GetRequiredService<AuditChecks>().RunAsync(Actor.System("audit verify", Channel.Console)); }
        catch (RuleException busy) when (busy.Code == "audit.check_runs")
        {
            await to.WriteLineAsync("The chain is being verified by another process already. Try again when it is done; /admin/audit/chain shows how far it is.");
            return 1;
        }
        foreach (var line in Lines(found))
            await to.WriteLineAsync(line);
        return found.IsWhole ? 0 : 1;
    }

    internal static IEnumerable<string> Lines(AuditVerification found)
    {
        static string N(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
        yield return $"Checked       {N(found.Rows)} entries in {N(found.Seals)} of {N(found.SealsTotal)} seals" + (found.Archived > 0 ? $", {N(found.Archived)} of them in archives" : "");
        if (found.IsWhole)
            yield return found.Roots == 0
            ? "Signed roots  none yet: until the first one is written, whoever owns the database could compute the whole chain anew"
            : $"Signed roots  {N(found.Roots)}, the last of {found.RootDay} over seal {N(found.RootSeal)}; every one fits the chain";
        if (found.IsWhole && found.Unsealed > 0)
            yield return $"Not sealed    {N(found.Unsealed)} entries of this moment; their removal before sealing could not be proven";
        if (found.LastHash is { } hash)
            yield return $"Last seal     {hash}";
        yield return found.Problem is { } problem ? $"BROKEN        {problem}" : "WHOLE         Nothing was altered, removed, added or reordered.";
    }
}
