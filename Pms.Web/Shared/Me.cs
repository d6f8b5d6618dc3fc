using Pms.Core;

namespace Pms.Web.Shared;

/// <summary>The person this page is shown to, as the shell needs it: a name, a line below it and what they may do. Identity cascades it; rights are asked at each render, never kept.</summary>
/// <param name="Actor">The first argument of every command; null when nobody is signed in.</param>
/// <param name="Name">Shown in the top bar; null when nobody is signed in.</param>
/// <param name="Line">Second line: department, shift or role.</param>
/// <param name="May">True when the permission (module.action) is held now.</param>
public sealed record Me(Actor? Actor, string? Name, string? Line, Func<string, bool> May)
{
    public static readonly Me Nobody = new(null, null, null, static _ => false);

    /// <summary>The actor where one must be there.</summary>
    /// <exception cref="UnauthenticatedException">Nobody is signed in.</exception>
    public Actor Who => Actor ?? throw new UnauthenticatedException("not_signed_in");

    /// <summary>First letters of the first and last name, for the round face.</summary>
    public string Initials
    {
        get
        {
            var words = (Name ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length switch { 0 => "?", 1 => words[0][..1].ToUpperInvariant(), _ => (words[0][..1] + words[^1][..1]).ToUpperInvariant() };
        }
    }
}
