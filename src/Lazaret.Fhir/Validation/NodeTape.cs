using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The nodes of one resource in the order of the bytes, for the rules that look across them. A node is a few numbers that point
/// into the bytes; the tape is emptied after every resource, so that it stays as small as the largest one.
/// </summary>
internal sealed class NodeTape(ReadOnlyMemory<byte> json)
{
    private Node[] _nodes = new Node[256];

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public ref Node this[int index] => ref _nodes[index];

    /// <summary>Adds the last child so far of <paramref name="parent"/> (-1 for the root). Its end must be closed.</summary>
    public int Open(int parent, int element, int type)
    {
        if (Count == _nodes.Length)
            Array.Resize(ref _nodes, Count * 2);
        _nodes[Count] = new Node { Parent = parent, Element = element, Type = type };
        return Count++;
    }

    public void Close(int node) => _nodes[node].End = Count;

    public void Clear() => Count = 0;

    /// <summary>The first child; equal to the node's end when it has none. Shadows are passed by.</summary>
    public int FirstChild(int node) => SkipShadows(node + 1, _nodes[node].End);

    /// <summary>The next sibling, or the parent's end.</summary>
    public int NextChild(int child, int parentEnd) => SkipShadows(_nodes[child].End, parentEnd);

    /// <summary>The first child of that name, or -1.</summary>
    public int Child(int node, string name)
    {
        var end = _nodes[node].End;
        for (var child = FirstChild(node); child < end; child = NextChild(child, end))
        {
            if (NameOf(child) == name)
                return child;
        }

        return -1;
    }

    /// <summary>The name of the element, or of the resource for a root.</summary>
    public string NameOf(int node) =>
        _nodes[node].Element < 0 ? R4.Definitions.Types[_nodes[node].Type].Name : R4.Definitions.ElementsByNumber[_nodes[node].Element].Name;

    public ObjectType? TypeOf(int node) => _nodes[node].Type >= 0 ? R4.Definitions.Types[_nodes[node].Type] : null;

    /// <summary>The value as it is written, without quotes; escapes are not resolved.</summary>
    public ReadOnlySpan<byte> Raw(int node) => _nodes[node].Value.Raw(json);

    /// <summary>The value with its escapes resolved.</summary>
    public ReadOnlySpan<byte> Bytes(int node) => _nodes[node].Value.Bytes(json);

    /// <summary>Where the value is; null without a value.</summary>
    public JsonText? Value(int node) => node >= 0 && _nodes[node].HasValue ? _nodes[node].Value : null;

    /// <summary>The value as text: a string's characters, a number's or boolean's token; null without a value.</summary>
    public string? Text(int node) => Value(node)?.Text(json);

    /// <summary>FHIRPath from the tape's root on: <c>.name[0].given[1]</c>.</summary>
    public string PathTo(int node)
    {
        var path = "";
        for (; _nodes[node].Parent >= 0; node = _nodes[node].Parent)
        {
            var element = R4.Definitions.ElementsByNumber[_nodes[node].Element];
            path = "." + element.Name + (element.IsArray ? $"[{Position(node, element.Number)}]" : "") + path;
        }

        return path;
    }

    private int Position(int node, int element)
    {
        var (position, parent) = (0, _nodes[node].Parent);
        for (var sibling = FirstChild(parent); sibling < node; sibling = NextChild(sibling, _nodes[parent].End))
            position += _nodes[sibling].Element == element ? 1 : 0;
        return position;
    }

    private int SkipShadows(int child, int end)
    {
        while (child < end && _nodes[child].IsShadow)
            child = _nodes[child].End;
        return child;
    }

    internal record struct Node
    {
        public int Parent;

        /// <summary>One past the last node of the subtree.</summary>
        public int End;

        public JsonText Value;

        /// <summary>The number of the element; -1 for a root resource.</summary>
        public int Element;

        /// <summary>The index of an object type, or -1 - the kind of a primitive.</summary>
        public int Type;

        public bool HasValue;

        /// <summary>The id and extensions of a primitive whose value is a node of its own.</summary>
        public bool IsShadow;
    }
}
