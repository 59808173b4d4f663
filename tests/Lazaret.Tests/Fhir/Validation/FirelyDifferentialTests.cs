using System.Text;
using System.Text.RegularExpressions;
using Firely.Fhir.Validation;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;
using Lazaret.Fhir;
using FirelySeverity = Hl7.Fhir.Model.OperationOutcome.IssueSeverity;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>Our verdicts beside those of Firely's validator, on HL7's examples with one change each. A seed alone brings a mutant back.</summary>
public sealed class FirelyDifferentialTests
{
    private const int Mutants = 200;

    private static readonly string[] Examples =
        [.. Lines("hl7_examples.tsv").Select(line => line.Split('\t')[1]), .. Lines("valid.tsv").Where(line => line.StartsWith("""{"resourceType":"Bundle""", StringComparison.Ordinal))];

    /// <summary>Whether Firely is known to accept what we refuse with words like these, or to refuse with them what we accept.</summary>
    private static readonly (bool Accepts, Regex Words)[] Faults =
        [.. Lines("firely_faults.tsv").Select(line => line.Split('\t')).Select(parts => (parts[0] == "accepts", new Regex(parts[1], RegexOptions.NonBacktracking)))];

    [Fact]
    public void Verdicts_on_mutants_differ_only_where_Firely_is_known_to_be_wrong()
    {
        var resolver = new CachedResolver(ZipSource.CreateValidationSource());
        var validator = new Validator(resolver, new LocalTerminologyService(resolver));
        var deserializer = new FhirJsonDeserializer();
        var (accepted, surprises) = (0, new List<string>());
        for (var seed = 0; seed < Mutants; seed++)
        {
            var random = new Random(seed);
            var json = FhirMutant.Of(Examples[random.Next(Examples.Length)], random);
            var ours = OurErrors(json);
            var theirs = FirelyErrors(json);
            accepted += ours.Count == 0 ? 1 : 0;
            if ((ours.Count == 0) == (theirs.Count == 0))
                continue;
            var unknown = ours.Concat(theirs).Where(words => !Faults.Any(fault => fault.Accepts == (theirs.Count == 0) && fault.Words.IsMatch(words))).ToList();
            if (unknown.Count > 0)
                surprises.Add($"seed {seed}: {(theirs.Count == 0 ? "we refuse" : "Firely refuses")}: {string.Join("; ", unknown)}: {json}");
        }

        Assert.True(surprises.Count == 0, string.Join('\n', surprises));
        Assert.InRange(accepted, Mutants / 5, Mutants * 4 / 5);

        List<string> FirelyErrors(string json)
        {
            var errors = new List<string>();
            try
            {
                deserializer.TryDeserializeResource(json, out var resource, out var faults);
                errors.AddRange(faults.Select(fault => fault.Message));
                errors.AddRange((resource is null ? [] : validator.Validate(resource).Issue)
                    .Where(issue => issue.Severity is FirelySeverity.Error or FirelySeverity.Fatal).Select(issue => issue.Details?.Text ?? ""));
            }
            catch (Exception crash)
            {
                // It throws for some of what it refuses.
                errors.Add($"{crash.GetType().Name}: {crash.Message}");
            }

            return errors;
        }
    }

    private static List<string> OurErrors(string json) =>
    [
        .. FhirValidator.Validate(Encoding.UTF8.GetBytes(json)).Issues
            .Where(issue => issue.Severity != IssueSeverity.Warning).Select(issue => $"{issue.Diagnostics} at {issue.Expression}"),
    ];

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", file)).Where(line => !line.StartsWith('#'));
}
