using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The nodes of one resource in the order of the bytes, for the rules that look across them. A node is a few numbers that point
/// into the bytes; the tape is emptied after every resource, so that it stays as small as the largest one.
/// </summary>
internal sealed class NodeTape(ReadOnlyMemory<byte> json, FhirBudget budget)
{
    /// <summary>The element that holds contained resources.</summary>
    public const string Contained = "contained";

    private readonly List<int> _contained = [];
    private Node[] _nodes = new Node[256];

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public ref Node this[int index] => ref _nodes[index];

    /// <summary>Adds the last child so far of <paramref name="parent"/> (-1 for the root). Its end must be closed.</summary>
    /// <param name="item">Which item of its array it is; 0 outside of arrays.</param>
    public int Open(int parent, int element, int type, int item)
    {
        if (Count == _nodes.Length)
            Array.Resize(ref _nodes, Count * 2);
        _nodes[Count] = new Node { Parent = parent, Item = item, Element = (short)element, Type = (short)type };
        return Count++;
    }

    /// <summary>The contained resources, each before those that it contains itself.</summary>
    public IReadOnlyList<int> ContainedResources => _contained;

    /// <summary>The node that is opened next is a contained resource.</summary>
    public void Contain() => _contained.Add(Count);

    public void Close(int node) => _nodes[node].End = Count;

    public void Clear()
    {
        Count = 0;
        _contained.Clear();
    }

    /// <summary>The first child; equal to the node's end when it has none. Shadows are passed by.</summary>
    public int FirstChild(int node) => SkipShadows(node + 1, _nodes[node].End);

    /// <summary>The next sibling, or the parent's end.</summary>
    public int NextChild(int child, int parentEnd) => SkipShadows(_nodes[child].End, parentEnd);

    /// <summary>The first child of that name, or -1.</summary>
    public int Child(int node, string name)
    {
        var end = _nodes[node].End;
        var steps = 1;
        var child = FirstChild(node);
        for (; child < end && NameOf(child) != name; child = NextChild(child, end))
            steps++;
        budget.Spend(steps);
        return child < end ? child : -1;
    }

    /// <summary>The name of the element, or of the resource for a root.</summary>
    public string NameOf(int node) =>
        _nodes[node].Element < 0 ? R4.Definitions.Types[_nodes[node].Type].Name : R4.Definitions.ElementsByNumber[_nodes[node].Element].Name;

    public ObjectType? TypeOf(int node) => _nodes[node].Type >= 0 ? R4.Definitions.Types[_nodes[node].Type] : null;

    /// <summary>The value with its escapes resolved.</summary>
    public ReadOnlySpan<byte> Bytes(int node) => _nodes[node].Value.Bytes(json);

    /// <summary>Where the value is; null without a value.</summary>
    public JsonText? Value(int node) => node >= 0 && _nodes[node].HasValue ? _nodes[node].Value : null;

    /// <summary>The value as text: a string's characters, a number's or boolean's token; null without a value.</summary>
    public string? Text(int node) => Value(node)?.Text(json);

    /// <summary>The nearest resource above.</summary>
    public int ResourceOf(int node)
    {
        do
            node = Math.Max(0, _nodes[node].Parent);
        while (node > 0 && TypeOf(node) is not { IsResource: true });
        return node;
    }

    /// <summary>The nearest resource above that is not contained itself.</summary>
    public int ContainerOf(int node)
    {
        do
            node = ResourceOf(node);
        while (node > 0 && NameOf(node) == Contained);
        return node;
    }

    /// <summary>FHIRPath from <paramref name="root"/> on, as a rule the tape's: <c>.name[0].given[1]</c>.</summary>
    public string PathTo(int node, int root = 0)
    {
        var path = "";
        for (; node != root; node = _nodes[node].Parent)
        {
            var element = R4.Definitions.ElementsByNumber[_nodes[node].Element];
            path = "." + element.Name + (element.IsArray ? $"[{_nodes[node].Item}]" : "") + path;
        }

        return path;
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

        public int Item;

        /// <summary>The number of the element; -1 for a root resource.</summary>
        public short Element;

        /// <summary>The index of an object type, or -1 - the kind of a primitive.</summary>
        public short Type;

        public bool HasValue;

        /// <summary>The id and extensions of a primitive whose value is a node of its own.</summary>
        public bool IsShadow;
    }
}
