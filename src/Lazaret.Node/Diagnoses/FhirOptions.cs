using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Diagnoses;

/// <summary>How FHIR is read.</summary>
public sealed record FhirOptions
{
    internal const string RelevantStrictness = "relevant";
    internal const string WholeStrictness = "whole";

    /// <summary>The processor time that reading the FHIR of one request may take, in seconds. 2; 1 to 600.</summary>
    public int ValidationSeconds { get; init; } = 2;

    /// <summary>How many bundles are judged at once; the others wait in line. 0, one a processor; up to 1024.</summary>
    public int ConcurrentJudging { get; init; }

    /// <summary>
    /// Which faults of a bundle refuse it. <c>relevant</c>: those in what is read, in the bundle's structure, in references, and others
    /// that could mislead; the rest are warnings in the answer. <c>whole</c>: every one. See docs/fhir-validation.md.
    /// </summary>
    public string Strictness { get; init; } = RelevantStrictness;

    /// <summary>The scope for models that have these requirements; none for what is taken apart before it is read.</summary>
    internal FhirScope Scope(params IEnumerable<Requirement> requirements) => ScopeOf(Strictness, requirements);

    internal static FhirScope ScopeOf(string strictness, IEnumerable<Requirement> requirements) =>
        strictness == WholeStrictness ? FhirScope.Whole : FhirScope.Relevant(requirements.SelectMany(requirement => requirement.ReadCodes));

    internal void Check(OptionFaults faults)
    {
        faults.Range("Fhir:ValidationSeconds", ValidationSeconds, 1, 600);
        faults.Range("Fhir:ConcurrentJudging", ConcurrentJudging, 0, 1024);
        faults.OneOf("Fhir:Strictness", Strictness, RelevantStrictness, WholeStrictness);
    }
}
