namespace Pms.Web.Configuration;

/// <summary>What the program was started to do.</summary>
public enum RunCommand { Serve, CheckConfig, Migrate, VerifyAudit, ResetSecondFactor, Help }

/// <summary>How this process runs, from the words on its command line; pages ask it whether they stand in the demo.</summary>
public sealed record RunMode
{
    public RunCommand Command { get; init; }

    /// <summary>Whom the command is about: a user name.</summary>
    public string? Subject { get; init; }

    /// <summary>The invented plant with its own database file; never on MySQL, never in Production.</summary>
    public bool IsDemo { get; init; }

    /// <summary>Listen on all addresses, so that phones in the same network reach it.</summary>
    public bool Lan { get; init; }

    /// <summary>True where weak secrets and plain http are only warned about.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>Words that mean nothing here; each stops the start.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>What is left for the settings (<c>--Plant:Name=…</c>).</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    /// <summary>Reads the command line: <c>demo</c>, <c>check-config</c>, <c>migrate</c>, <c>audit verify</c>, <c>user reset-second-factor NAME</c>, <c>--lan</c>, <c>--help</c> and settings.</summary>
    public static RunMode Parse(IReadOnlyList<string> args)
    {
        var mode = new RunMode();
        List<string> rest = [], unknown = [];
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "demo": mode = mode with { IsDemo = true }; break;
                case "--lan": mode = mode with { Lan = true }; break;
                case "check-config": mode = mode with { Command = RunCommand.CheckConfig }; break;
                case "migrate": mode = mode with { Command = RunCommand.Migrate }; break;
                case "audit" when i + 1 < args.Count && args[i + 1] == "verify": (mode, i) = (mode with { Command = RunCommand.VerifyAudit }, i + 1); break;
                case "user" when i + 2 < args.Count && args[i + 1] == "reset-second-factor" && !args[i + 2].StartsWith('-'):
                    (mode, i) = (mode with { Command = RunCommand.ResetSecondFactor, Subject = args[i + 2] }, i + 2);
                    break;
                case "help" or "--help" or "-h" or "-?": mode = mode with { Command = RunCommand.Help }; break;
                case var pair when pair.Contains('='): rest.Add(pair); break;
                case ['-', '-', _, ..] when i + 1 < args.Count && !args[i + 1].StartsWith('-'): rest.AddRange([args[i], args[++i]]); break;
                default: unknown.Add(args[i]); break;
            }
        }
        return mode with { Rest = rest, Unknown = unknown };
    }

    public const string Usage =
        """
        PMS, the production management system.

          dotnet run --project Pms.Web                    start with the plant's own database
          dotnet run --project Pms.Web -- demo            start the demo plant
          dotnet run --project Pms.Web -- check-config    print the effective settings and check them (exit code 0 or 1)
          dotnet run --project Pms.Web -- migrate         bring the database up to date and end
          dotnet run --project Pms.Web -- audit verify    prove that nobody altered the audit (exit code 0 or 1)
          dotnet run --project Pms.Web -- user reset-second-factor NAME
                                                          let a user in by the password alone who lost phone and recovery codes

          --lan                 listen on all addresses and print one to open on a phone
          --Section:Name=value  any setting, for example --Plant:TimeZone=Africa/Johannesburg (README.md lists them)
        """;
}
