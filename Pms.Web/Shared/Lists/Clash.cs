using System.Text.Json;
using Pms.Core;
using Pms.Core.Audit;
using Pms.Web.Compliance;

namespace Pms.Web.Shared.Lists;

/// <summary>Somebody saved while one's own draft was open: who, what only they changed, and each field that both changed with the choice between.</summary>
public sealed class Clash
{
    private readonly IReadOnlyList<string> mine;

    private Clash(string text, IReadOnlyList<string> mine, IReadOnlyList<AuditWords.Change> taken, IReadOnlyList<Choice> choices) => (Text, this.mine, Taken, Choices) = (text, mine, taken, choices);

    /// <summary>Who saved and when, in words.</summary>
    public string Text { get; set; }

    /// <summary>What only they changed; it is kept whatever is chosen.</summary>
    public IReadOnlyList<AuditWords.Change> Taken { get; }

    /// <summary>What both changed, to different values.</summary>
    public IReadOnlyList<Choice> Choices { get; }

    /// <param name="text">Who saved and when.</param>
    /// <param name="said">Puts values into words.</param>
    /// <param name="actor">Who is to see the names of the records that values refer to.</param>
    /// <param name="before">As both began.</param>
    /// <param name="mine">One's own draft.</param>
    /// <param name="theirs">As it is stored now.</param>
    /// <param name="ct">Ends the reading of names.</param>
    public static async Task<Clash> OfAsync<T>(string text, AuditWords said, Actor actor, T before, T mine, T theirs, CancellationToken ct) where T : class
    {
        var (ours, others) = (Merge.Changed(before, mine), Merge.Changed(before, theirs));
        var apart = Merge.Changed(mine, theirs);
        // Fields that only join or count what others hold are not told: they follow from those.
        var changes = AuditLog.Diff(mine, theirs).Where(c => apart.Contains(c.Key) && others.Contains(c.Key)).ToList();
        var json = JsonSerializer.Serialize(changes.ToDictionary(c => c.Key, c => c.Value));
        var names = await said.NamesAsync(actor, [json], ct);
        AuditWords.Change Told(KeyValuePair<string, object?[]> change) => said.Changes(JsonSerializer.Serialize(new Dictionary<string, object?[]> { [change.Key] = change.Value }), names) is [var told]
            ? told : new AuditWords.Change(said.Field(change.Key), null, null);
        return new Clash(text, ours, [.. changes.Where(c => !ours.Contains(c.Key)).Select(Told)], [.. changes.Where(c => ours.Contains(c.Key)).Select(c => new Choice(c.Key, Told(c)))]);
    }

    /// <summary>Of what is no record: the changes are told by whoever knows them.</summary>
    public static Clash Of(string text, IReadOnlyList<AuditWords.Change> taken, IReadOnlyList<Choice> choices) => new(text, [], taken, choices);

    /// <summary>What is stored when the choices are as they are.</summary>
    public T Merged<T>(T draft, T theirs) where T : class => Merge.Onto(theirs, draft, mine.Except(Choices.Where(c => c.TakeTheirs).Select(c => c.Field)));

    /// <summary>A field that both changed; one's own counts until theirs is chosen.</summary>
    public sealed class Choice(string name, AuditWords.Change told)
    {
        public string Field { get; } = name;
        public string Name => told.Field;
        public string Mine => told.Before ?? "–";
        public string Theirs => told.After ?? "–";
        public bool TakeTheirs { get; set; }
    }
}
