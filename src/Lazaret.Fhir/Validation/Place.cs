using System.Text;

namespace Lazaret.Fhir.Validation;

/// <summary>Where the scan stands, turned into FHIRPath only when something is wrong there.</summary>
internal sealed class Place
{
    // Every step is inside at least one JSON object or array, so that the reader's depth bounds them.
    private readonly (string Name, int Index)[] _steps = new (string, int)[FhirValidator.MaxDepth + 2];
    private int _depth;

    /// <summary>The type of the outermost resource; empty while it is unknown.</summary>
    public string Root { get; set; } = "";

    public void Enter(string name) => _steps[_depth++] = (name, -1);

    public void Leave() => _depth--;

    /// <summary>Which item of the array that was entered last.</summary>
    public int Index
    {
        set => _steps[_depth - 1].Index = value;
    }

    /// <summary>The path, one step longer when a child is named.</summary>
    public string Path(string? child = null)
    {
        var text = new StringBuilder(Root);
        foreach (var (name, index) in _steps.AsSpan(0, _depth))
        {
            Step(text).Append(name);
            if (index >= 0)
                text.Append('[').Append(index).Append(']');
        }

        return (child is null ? text : Step(text).Append(child)).ToString();

        static StringBuilder Step(StringBuilder text) => text.Length == 0 ? text : text.Append('.');
    }
}
