using Lazaret.Fhir;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Diagnoses;

/// <summary>How FHIR is read.</summary>
public sealed record FhirOptions
{
    /// <summary>The longest time that reading the FHIR of one request may take, in seconds. 2; 1 to 600.</summary>
    public int ValidationSeconds { get; init; } = 2;

    internal FhirBudget Budget(TimeProvider time, CancellationToken cancellationToken) =>
        new(TimeSpan.FromSeconds(ValidationSeconds), time, cancellationToken);

    internal void Check(OptionFaults faults) => faults.Range("Fhir:ValidationSeconds", ValidationSeconds, 1, 600);
}
