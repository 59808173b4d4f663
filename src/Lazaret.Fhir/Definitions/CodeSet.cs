namespace Lazaret.Fhir.Definitions;

/// <summary>An expanded value set.</summary>
internal sealed class CodeSet(string url, IReadOnlyList<(string System, string[] Codes)> systems)
{
    private readonly Utf8Table _codes = new(
        [.. systems.SelectMany(system => system.Codes).Distinct(StringComparer.Ordinal).Select(code => KeyValuePair.Create(code, 0))]);

    private readonly Dictionary<string, Utf8Table> _bySystem = systems.ToDictionary(
        system => system.System,
        system => new Utf8Table([.. system.Codes.Select(code => KeyValuePair.Create(code, 0))]),
        StringComparer.Ordinal);

    public string Url { get; } = url;

    /// <summary>For elements of type code, whose system is the set's own.</summary>
    public bool Contains(ReadOnlySpan<byte> code) => _codes.Find(code) >= 0;

    public bool Contains(string system, ReadOnlySpan<byte> code) =>
        _bySystem.TryGetValue(system, out var codes) && codes.Find(code) >= 0;
}
