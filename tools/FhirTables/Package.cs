using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Lazaret.FhirTables;

/// <summary>
/// The official definitions: hl7.fhir.r4.examples 4.0.1 (despite its name it holds every StructureDefinition) and
/// hl7.fhir.r4.expansions 4.0.1, as <c>npm pack</c> writes them.
/// </summary>
public sealed record Package(IReadOnlyList<JsonElement> Structures, IReadOnlyDictionary<string, JsonElement> Expansions)
{
    public const string Definitions = "hl7.fhir.r4.examples-4.0.1.tgz";
    public const string ValueSets = "hl7.fhir.r4.expansions-4.0.1.tgz";

    /// <summary>Base types only, by name: profiles, logical models and examples stay behind.</summary>
    public static Package Read(string folder) => new(
        [
            .. Files(Path.Combine(folder, Definitions), "StructureDefinition-")
                .Select(file => file.Json)
                .Where(structure => Text(structure, "derivation") != "constraint" && Text(structure, "kind") != "logical")
                .OrderBy(structure => Text(structure, "name"), StringComparer.Ordinal),
        ],
        Files(Path.Combine(folder, ValueSets), "ValueSet-")
            .ToDictionary(file => Text(file.Json, "url")!, file => file.Json, StringComparer.Ordinal));

    /// <summary>Every JSON file of a package whose name starts so.</summary>
    public static IEnumerable<(string Name, JsonElement Json)> Files(string package, string prefix = "")
    {
        using var file = File.OpenRead(package);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        while (tar.GetNextEntry() is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (entry.DataStream is null || !name.StartsWith(prefix, StringComparison.Ordinal) || !name.EndsWith(".json", StringComparison.Ordinal))
                continue;
            using var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            yield return (name, JsonElement.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        }
    }

    internal static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var member) ? member.GetString() : null;
}
