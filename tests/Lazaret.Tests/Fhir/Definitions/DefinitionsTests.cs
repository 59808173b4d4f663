using System.IO.Compression;
using System.Text.Json;
using Lazaret.Fhir;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Validation.FhirPath;
using Lazaret.FhirTables;

namespace Lazaret.Tests.Fhir.Definitions;

/// <summary>
/// The embedded table against its sources. <c>LAZARET_FHIR_PACKAGES</c> names the folder in which
/// <c>npm pack hl7.fhir.r4.examples@4.0.1 hl7.fhir.r4.expansions@4.0.1</c> was run.
/// </summary>
public sealed class DefinitionsTests
{
    private static readonly string Packages = Environment.GetEnvironmentVariable("LAZARET_FHIR_PACKAGES") ?? "";

    [Fact]
    public void The_table_holds_all_of_R4()
    {
        var definitions = R4.Definitions;

        Assert.Equal(146, definitions.Types.Count(type => type.IsResource));
        Assert.Equal(662, definitions.Types.Length);
        Assert.All(definitions.Types, type => Assert.InRange(type.Elements.Length, 1, 64));
        Assert.Equal(["Patient", "Group", "Device", "Location"], definitions.FindResource("Observation"u8)!["subject"]!.Types[0].Targets);
        Assert.Equal(11, definitions.FindResource("Observation"u8)!["value"]!.Types.Length);
        Assert.Equal(PrimitiveKind.Id, definitions.FindResource("Observation"u8)!["id"]!.Types[0].Primitive);
        Assert.Null(definitions.FindResource("DomainResource"u8));
    }

    [Fact]
    public void Every_invariant_can_be_parsed()
    {
        var invariants = R4.Definitions.Types
            .SelectMany(type => type.Invariants.Concat(type.Elements.SelectMany(element => element.Invariants))).Distinct().ToList();

        Assert.All(invariants, invariant => Assert.NotNull(CompiledInvariants.Of(invariant)));
        Assert.True(invariants.Count(invariant => invariant.IsError) > 180, $"{invariants.Count(invariant => invariant.IsError)}");
    }

    [Fact]
    public void The_committed_table_is_what_the_packages_give()
    {
        SkipWithoutPackages();
        using var stream = typeof(FhirValidator).Assembly.GetManifestResourceStream("r4.table")!;
        using var table = new MemoryStream();
        new DeflateStream(stream, CompressionMode.Decompress).CopyTo(table);

        Assert.Equal(TableWriter.Write(Package.Read(Packages)), table.ToArray());
    }

    [Fact]
    public void Of_the_published_examples_those_that_break_a_rule_are_known_by_name()
    {
        SkipWithoutPackages();
        var known = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", "hl7_invalid.tsv"))
            .Skip(1).Select(line => line.Split('\t')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

        var found = Package.Files(Path.Combine(Packages, Package.Definitions))
            .Where(file => file.Name != "package.json")
            .Select(file => (file.Name, Issue: Validate(file.Json).Issues.FirstOrDefault(issue => issue.Severity != IssueSeverity.Warning)))
            .Where(file => file.Issue is not null)
            .ToDictionary(file => file.Name, file => file.Issue!.Expression, StringComparer.Ordinal);

        Assert.Equal(known, found);
    }

    private static FhirValidation Validate(JsonElement json) => FhirValidator.Validate(JsonSerializer.SerializeToUtf8Bytes(json));

    private static void SkipWithoutPackages() => Assert.SkipUnless(
        File.Exists(Path.Combine(Packages, Package.Definitions)) && File.Exists(Path.Combine(Packages, Package.ValueSets)),
        "LAZARET_FHIR_PACKAGES names no folder with HL7's two packages");
}
