using System.Collections.Frozen;

namespace Lazaret.Fhir.Negotiations;

/// <summary>What a LOINC code is called here, for common vital signs and laboratory tests.</summary>
/// <param name="Name">Our own words, for a person who is asked for it.</param>
/// <param name="Kind">Codes of one kind are near misses of each other, such as oral and body temperature; empty for a code that has none.</param>
internal sealed record LoincName(string Name, string Kind)
{
    private static readonly Lazy<FrozenDictionary<string, LoincName>> Known = new(Read);

    public static LoincName? Of(string? system, string? code) => system == Loinc.System && code is not null ? Known.Value.GetValueOrDefault(code) : null;

    private static FrozenDictionary<string, LoincName> Read()
    {
        using var reader = new StreamReader(typeof(LoincName).Assembly.GetManifestResourceStream("loinc_names.tsv")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .ToFrozenDictionary(cells => cells[0], cells => new LoincName(cells[2], cells[1]), StringComparer.Ordinal);
    }
}
