using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pms.Core.Audit;

/// <summary>One audit row as it is sealed: every column but the seal itself.</summary>
public sealed record AuditRow
{
    public long Id { get; init; }
    public long At { get; init; }
    public long? UserId { get; init; }
    public long? EmployeeId { get; init; }
    public long? ForEmployeeId { get; init; }
    public long? TerminalId { get; init; }
    public string Actor { get; init; } = "";
    public string Channel { get; init; } = "";
    public string? Ip { get; init; }
    public string? Agent { get; init; }
    public string? RequestId { get; init; }
    public string Action { get; init; } = "";
    public string Entity { get; init; } = "";
    public long EntityId { get; init; }
    public long? DepartmentId { get; init; }
    public string? Changes { get; init; }
    public string? Reason { get; init; }

    /// <summary>SHA-256 over all fields, in lower-case hex. JSON keeps the borders between fields unmistakable.</summary>
    public string Hash() => AuditSeal.Sha256(JsonSerializer.Serialize(this));
}

/// <summary>A link of the chain: it names its rows, their content hashes and the seal before, and is never changed.</summary>
public sealed record AuditSeal
{
    /// <summary>What the first seal stands on.</summary>
    public const string Beginning = "0000000000000000000000000000000000000000000000000000000000000000";

    public long Number { get; init; }
    public long At { get; init; }

    /// <summary>Lines of <c>id:hash</c>, by id.</summary>
    public string RowHashes { get; init; } = "";
    public int RowCount { get; init; }
    public string Previous { get; init; } = Beginning;
    public string Hash { get; init; } = "";

    public static AuditSeal Of(long number, DateTimeOffset at, string previous, IReadOnlyList<AuditRow> rows)
    {
        var seal = new AuditSeal
        {
            Number = number,
            At = at.ToUnixTimeMilliseconds(),
            RowHashes = string.Join('\n', rows.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Id}:{r.Hash()}"))),
            RowCount = rows.Count,
            Previous = previous,
        };
        return seal with { Hash = seal.Compute() };
    }

    public string Compute() => Sha256(string.Create(CultureInfo.InvariantCulture, $"{Number}|{At}|{RowCount}|{Previous}|{RowHashes}"));

    public IEnumerable<(long Id, string Hash)> Rows() => RowHashes.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':', 2)).Select(p => (long.Parse(p[0], CultureInfo.InvariantCulture), p.Length > 1 ? p[1] : ""));

    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>What a verification found. Rows under a second old may not be sealed yet; removal before sealing is not provable.</summary>
public sealed record AuditVerification
{
    /// <summary>The last seal that was found good.</summary>
    public long Seals { get; init; }

    /// <summary>The chain's last seal when it began.</summary>
    public long SealsTotal { get; init; }
    public long Rows { get; init; }

    /// <summary>How many of them lie in archives.</summary>
    public long Archived { get; init; }
    public long Unsealed { get; init; }
    public int Roots { get; init; }

    /// <summary>The day (yyyy-MM-dd) of the youngest signed root the chain was held against, and its seal; null without any.</summary>
    public string? RootDay { get; init; }
    public long RootSeal { get; init; }

    /// <summary>The hash of the last good seal: who writes it down can prove later that nothing before it changed.</summary>
    public string? LastHash { get; init; }

    /// <summary>The first thing that is wrong, in words for the administrator; null when the chain is whole.</summary>
    public string? Problem { get; init; }

    public bool IsWhole => Problem is null;
}
