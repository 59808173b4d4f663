namespace Lazaret.Fhir.Bundles;

/// <summary>Places in a bundle, of which the first ones are kept: it may say one thing a hundred thousand times.</summary>
public sealed class Places
{
    public const int Most = 16;

    private readonly List<string> _first = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them: <c>Bundle.entry[3].resource.subject</c>.</summary>
    public IReadOnlyList<string> First => _first;

    public static Places Of(string place)
    {
        var places = new Places();
        places.Add(place, "");
        return places;
    }

    public static Places Of(IEnumerable<Places> parts)
    {
        var whole = new Places();
        foreach (var part in parts)
        {
            whole._first.AddRange(part._first.Take(Most - whole._first.Count));
            whole.Count += part.Count;
        }

        return whole;
    }

    internal void Add(string place, string member)
    {
        Count++;
        if (_first.Count < Most)
            _first.Add(place + member);
    }
}
