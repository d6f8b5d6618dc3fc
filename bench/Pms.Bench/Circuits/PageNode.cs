namespace Pms.Bench.Circuits;

/// <summary>One node of a page as the server drew it: an element, a text, or a component's place.</summary>
internal sealed class PageNode
{
    private Dictionary<string, string?>? attributes;
    private Dictionary<string, ulong>? handlers;

    public string? Tag { get; init; }
    public string? Text { get; set; }
    public PageNode? Parent { get; set; }
    public List<PageNode> Children { get; } = [];

    /// <summary>An attribute's value; null where there is none.</summary>
    public string? this[string attribute] => attributes?.GetValueOrDefault(attribute);

    public string InnerText => Text ?? string.Concat(Children.Select(c => c.InnerText));

    public bool Has(string attribute) => attributes?.ContainsKey(attribute) == true;

    /// <summary>The id under which the server waits for an event such as "onclick".</summary>
    public ulong HandlerOf(string name) => handlers?.GetValueOrDefault(name) is > 0 and var id ? id : throw new InvalidOperationException($"<{Tag}> '{InnerText}' listens to no {name}.");

    public bool Listens(string name) => handlers?.ContainsKey(name) == true;

    public void Set(string name, string? value, ulong handler)
    {
        if (handler != 0)
            (handlers ??= [])[name] = handler;
        else
            (attributes ??= [])[name] = value;
    }

    public void Unset(string name)
    {
        attributes?.Remove(name);
        handlers?.Remove(name);
    }

    /// <summary>This node and all below it, as they stand in the page.</summary>
    public IEnumerable<PageNode> All()
    {
        yield return this;
        foreach (var child in Children)
            foreach (var node in child.All())
                yield return node;
    }

    /// <summary>The first node at or below this one that fits; without iterators, because it is asked at each batch.</summary>
    public PageNode? Find(Func<PageNode, bool> fits)
    {
        if (fits(this))
            return this;
        foreach (var child in Children)
            if (child.Find(fits) is { } found)
                return found;
        return null;
    }
}
