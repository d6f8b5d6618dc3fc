namespace Pms.Web.Shared.Api;

/// <summary>
/// A refusal (RFC 9457). <see cref="Code"/> is stable and made for programs, <see cref="Title"/> is words for people and may change.
/// </summary>
public sealed record ApiProblem(string Type, string Title, int Status, string Instance, string Code, string RequestId)
{
    /// <summary>What is wrong with which field, where the input is at fault.</summary>
    public IReadOnlyList<ApiFault>? Faults { get; init; }

    /// <summary>The same in words, by field.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    /// <summary>Soft rules that a reason would override.</summary>
    public IReadOnlyList<ApiWarning>? Warnings { get; init; }

    /// <summary>The version in force, where the one in If-Match isn't.</summary>
    public string? Etag { get; init; }
}

/// <summary>One field with its own stable code; <see cref="Known"/> names what would be taken.</summary>
public sealed record ApiFault(string Field, string Code, IReadOnlyList<string>? Known);

public sealed record ApiWarning(string Code, string Text);
