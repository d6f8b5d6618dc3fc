namespace Pms.Core.Identity.Screens;

/// <summary>How a person likes a page (which columns a list shows): their own, on every device, seen by nobody else and worth no line in the audit.</summary>
public sealed class ScreenChoices(ScreenChoiceRepository choices)
{
    /// <summary>What the person chose; null where they chose nothing yet.</summary>
    public Task<string?> FindAsync(Actor actor, string name, CancellationToken ct = default) => choices.FindAsync(actor.Principal, name, ct);

    /// <exception cref="InvalidException">value: too_long.</exception>
    public Task KeepAsync(Actor actor, string name, string value, CancellationToken ct = default) => actor.SeenAs is not null ? throw new RuleException("preview.looks_only")
        : value.Length > 500 ? throw new InvalidException(nameof(value), "too_long", 500) : choices.KeepAsync(actor.Principal, name, value, ct);
}
