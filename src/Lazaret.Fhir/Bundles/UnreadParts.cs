namespace Lazaret.Fhir.Bundles;

/// <summary>Collects what was not read: the first parts, and how many more there are, since they go into every answer.</summary>
internal sealed class UnreadParts
{
    /// <summary>The most that are named.</summary>
    public const int Most = 100;

    private readonly List<UnreadPart> _parts = [];
    private int _more;

    public void Add(UnreadPart part)
    {
        if (_parts.Count < Most)
            _parts.Add(part);
        else
            _more++;
    }

    /// <param name="whole">The place of all of them.</param>
    public IReadOnlyList<UnreadPart> List(string whole) => _more == 0 ? _parts : [.. _parts, new(whole, $"and {_more} more parts")];
}
