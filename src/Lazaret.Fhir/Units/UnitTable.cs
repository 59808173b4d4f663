using System.Collections.Frozen;

namespace Lazaret.Fhir.Units;

/// <summary>UCUM's prefixes and atoms as the embedded table has them: read at first use, each atom's definition when it is first met.</summary>
internal static class UnitTable
{
    private static readonly (FrozenDictionary<string, Ratio> Prefixes, FrozenDictionary<string, UnitAtom> Atoms) Rows = Read();

    public static IEnumerable<string> Prefixes => Rows.Prefixes.Keys;

    public static IEnumerable<UnitAtom> Atoms => Rows.Atoms.Values;

    /// <summary>The longest prefix whose rest is a metric atom, else the whole as an atom; null for neither.</summary>
    public static (Ratio? Prefix, UnitAtom Atom)? Find(string symbol)
    {
        for (var length = Math.Min(2, symbol.Length - 1); length > 0; length--)
        {
            if (Rows.Prefixes.TryGetValue(symbol[..length], out var prefix) && Rows.Atoms.TryGetValue(symbol[length..], out var metric) && metric.IsMetric)
                return (prefix, metric);
        }

        return Rows.Atoms.TryGetValue(symbol, out var atom) ? (null, atom) : null;
    }

    private static (FrozenDictionary<string, Ratio> Prefixes, FrozenDictionary<string, UnitAtom> Atoms) Read()
    {
        using var reader = new StreamReader(typeof(UnitTable).Assembly.GetManifestResourceStream("ucum.tsv")!);
        var prefixes = new Dictionary<string, Ratio>(StringComparer.Ordinal);
        var atoms = new Dictionary<string, UnitAtom>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var cells = line.Split('\t');
            if (cells[1] == "p")
                prefixes.Add(cells[0], Ratio.Parse(cells[2])!.Value);
            else
                atoms.Add(cells[0], new UnitAtom(cells[0], cells[1], cells[2], cells[3], cells[4]));
        }

        return (prefixes.ToFrozenDictionary(StringComparer.Ordinal), atoms.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
