using System.Collections.Frozen;

namespace Lazaret.Fhir.Negotiations;

/// <summary>
/// What LOINC says that a code's values are: the property (Temp, MCnc, …), and units that have it. Known for common vital signs and
/// laboratory tests alone, some 130 of LOINC's 100,000 codes; of others nothing is said.
/// </summary>
/// <param name="Name">LOINC's abbreviation.</param>
/// <param name="Units">UCUM codes, the first as an example.</param>
internal sealed record LoincProperty(string Name, IReadOnlyList<string> Units)
{
    private static readonly Lazy<FrozenDictionary<string, LoincProperty>> Known = new(Read);

    public string ExampleUnit => Units[0];

    public static IEnumerable<string> Codes => Known.Value.Keys;

    public static LoincProperty? Of(string code) => Known.Value.GetValueOrDefault(code);

    private static FrozenDictionary<string, LoincProperty> Read()
    {
        using var reader = new StreamReader(typeof(LoincProperty).Assembly.GetManifestResourceStream("loinc.tsv")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .ToFrozenDictionary(cells => cells[0], cells => new LoincProperty(cells[1], cells[2..]), StringComparer.Ordinal);
    }
}
