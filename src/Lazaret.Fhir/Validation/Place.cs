using System.Text;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>Where the scan stands, turned into FHIRPath only when something is wrong there.</summary>
internal sealed class Place
{
    // Every step is inside at least one JSON object or array, so that the reader's depth bounds them.
    private readonly Step[] _steps = new Step[FhirValidator.MaxDepth + 2];
    private int _depth;

    /// <summary>The type of the outermost resource; empty while it is unknown.</summary>
    public string Root { get; private set; } = "";

    /// <summary>The root is a Bundle, so that its entries are what is read.</summary>
    public bool IsInBundle => Root == "Bundle";

    /// <summary>The entry of the outermost bundle.</summary>
    public int Entry => _steps[0].Index;

    public void Enter(string name) => _steps[_depth++] = new Step(name, -1, Resource: null);

    public void Leave() => _depth--;

    /// <summary>Which item of the array that was entered last.</summary>
    public int Index
    {
        set => _steps[_depth - 1] = new Step(_steps[_depth - 1].Name, value, Resource: null);
    }

    /// <summary>What stands here is a resource of that type.</summary>
    public ObjectType Resource
    {
        set
        {
            if (_depth > 0)
                _steps[_depth - 1].Resource = value;
            else
                Root = value.Name;
        }
    }

    /// <summary>What a fault here does, or one at a child, in a scope that is not the whole.</summary>
    public Relevance RelevanceOf(string? child)
    {
        var fault = new FaultPlace();
        if (child is not null)
            fault.Step(child);
        return RelevanceOf(fault);
    }

    /// <param name="fault">What is known below here.</param>
    public Relevance RelevanceOf(FaultPlace fault)
    {
        for (var i = _depth - 1; i >= 0; i--)
        {
            if (_steps[i].Resource is { } type)
                return IsInBundle ? fault.In(type, isEntry: i == 1) : Relevance.Elsewhere;
            fault.Step(_steps[i].Name);
        }

        return Relevance.Refuses;
    }

    /// <summary>The path, one step longer when a child is named.</summary>
    public string Path(string? child = null)
    {
        var text = new StringBuilder(Root);
        foreach (var (name, index, _) in _steps.AsSpan(0, _depth))
        {
            Separate(text).Append(name);
            if (index >= 0)
                text.Append('[').Append(index).Append(']');
        }

        return (child is null ? text : Separate(text).Append(child)).ToString();

        static StringBuilder Separate(StringBuilder text) => text.Length == 0 ? text : text.Append('.');
    }

    private record struct Step(string Name, int Index, ObjectType? Resource);
}
