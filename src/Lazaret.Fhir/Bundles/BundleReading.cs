namespace Lazaret.Fhir.Bundles;

/// <summary>How reading a bundle ended. The set is closed.</summary>
public abstract record BundleReading
{
    private BundleReading()
    {
    }

    /// <summary>Valid FHIR R4, and a Bundle. Whether it may be used as data is the negotiator's question.</summary>
    public sealed record Readable(FhirBundle Bundle) : BundleReading
    {
        /// <summary>Its faults and oddities, as far as they do not matter to what was read.</summary>
        public IReadOnlyList<FhirIssue> Warnings { get; init; } = [];
    }

    /// <summary>Not valid FHIR R4, or another resource than a Bundle.</summary>
    public sealed record Invalid(IReadOnlyList<FhirIssue> Issues) : BundleReading;
}
