using System.Buffers.Binary;
using System.Text;

namespace Pms.Bench.Circuits;

/// <summary>
/// Keeps a page's tree from the render batches a circuit sends, as the browser's script does (dotnet/aspnetcore, OutOfProcessRenderBatch and
/// BrowserRenderer). A batch ends with five offsets: updated components, frames, disposed components, disposed handlers, strings.
/// </summary>
internal sealed class PageTree
{
    private const int FrameSize = 20, EditSize = 16;

    private readonly Dictionary<int, PageNode> components = [];
    private byte[] batch = [];
    private int frames, strings;

    public PageNode? Find(Func<PageNode, bool> fits)
    {
        foreach (var component in components.Values)
            if (component.Parent is null && component.Find(fits) is { } found)
                return found;
        return null;
    }

    public void Clear() => components.Clear();

    public void Apply(byte[] data)
    {
        batch = data;
        var offsets = data.Length - 20;
        var (updated, disposed) = (Int(offsets), Int(offsets + 8));
        (frames, strings) = (Int(offsets + 4), Int(offsets + 16));
        for (var i = 0; i < Int(updated); i++)
        {
            var at = Int(updated + 4 + i * 4);
            Edit(Component(Int(at)), at + 4);
        }
        for (var i = 0; i < Int(disposed); i++)
            components.Remove(Int(disposed + 4 + i * 4));
        batch = [];
    }

    private PageNode Component(int id)
    {
        if (!components.TryGetValue(id, out var node))
            components[id] = node = new();
        return node;
    }

    private void Edit(PageNode component, int at)
    {
        var current = component;
        List<(int From, int To)> moves = [];
        for (int i = 0, count = Int(at); i < count; i++)
        {
            var edit = at + 4 + i * EditSize;
            var (sibling, operand) = (Int(edit + 4), Int(edit + 8));
            switch (Int(edit))
            {
                case 1: Insert(current, sibling, operand); break;
                case 2: current.Children.RemoveAt(sibling); break;
                case 3: SetAttribute(current.Children[sibling], operand); break;
                case 4: current.Children[sibling].Unset(String(Int(edit + 12))!); break;
                case 5 or 8: current.Children[sibling].Text = String(Int(Frame(operand) + 4)); break;
                case 6: current = current.Children[sibling]; break;
                case 7: current = current.Parent!; break;
                case 9: moves.Add((sibling, operand)); break;
                case 10:
                    var moved = moves.Select(m => current.Children[m.From]).ToList();
                    for (var m = 0; m < moves.Count; m++)
                        current.Children[moves[m].To] = moved[m];
                    moves = [];
                    break;
                case var unknown: throw new InvalidOperationException($"A render batch holds an edit of type {unknown}, which nobody knows here.");
            }
        }
    }

    /// <summary>Puts one frame with all it holds into the tree; how many nodes it became (a region is only its content, a capture nothing).</summary>
    private int Insert(PageNode parent, int at, int index)
    {
        var frame = Frame(index);
        PageNode node;
        switch (Int(frame))
        {
            case 1:
                node = new() { Tag = String(Int(frame + 8)), Parent = parent };
                var (child, end) = (index + 1, index + Int(frame + 4));
                for (; child < end && Int(Frame(child)) == 3; child++)
                    SetAttribute(node, child);
                InsertRange(node, 0, child, end);
                break;
            case 2 or 8: node = new() { Text = String(Int(frame + 4)), Parent = parent }; break;
            case 4:
                node = Component(Int(frame + 8));
                node.Parent = parent;
                break;
            case 5: return InsertRange(parent, at, index + 1, index + Int(frame + 4));
            default: return 0;
        }
        parent.Children.Insert(at, node);
        return 1;
    }

    private int InsertRange(PageNode parent, int at, int from, int end)
    {
        var first = at;
        for (var i = from; i < end; i++)
        {
            at += Insert(parent, at, i);
            if (Int(Frame(i)) is 1 or 4 or 5)
                i += Int(Frame(i) + 4) - 1;
        }
        return at - first;
    }

    private void SetAttribute(PageNode node, int index)
    {
        var frame = Frame(index);
        node.Set(String(Int(frame + 4))!, String(Int(frame + 8)), BinaryPrimitives.ReadUInt64LittleEndian(batch.AsSpan(frame + 12)));
    }

    private int Frame(int index) => frames + 4 + index * FrameSize;

    private int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(batch.AsSpan(at));

    private string? String(int index)
    {
        if (index < 0)
            return null;
        var at = Int(strings + index * 4);
        int length = 0, shift = 0;
        byte read;
        do
        {
            read = batch[at++];
            length |= (read & 127) << shift;
            shift += 7;
        }
        while (read >= 128);
        return Encoding.UTF8.GetString(batch, at, length);
    }
}
