namespace Lazaret.Fhir.Negotiations;

/// <summary>Other ways to write the URI of a code system. None of them counts as the URI; each shows that the code is meant.</summary>
internal static class SystemSpelling
{
    private const string OidPrefix = "urn:oid:";

    // HL7's registered identifiers: https://terminology.hl7.org/external_terminologies.html
    private static readonly Dictionary<string, string> Oids = new(StringComparer.Ordinal)
    {
        ["2.16.840.1.113883.6.1"] = "loinc.org",
        ["2.16.840.1.113883.6.96"] = "snomed.info/sct",
        ["2.16.840.1.113883.6.88"] = "www.nlm.nih.gov/research/umls/rxnorm",
        ["2.16.840.1.113883.6.3"] = "hl7.org/fhir/sid/icd-10",
        ["2.16.840.1.113883.6.90"] = "hl7.org/fhir/sid/icd-10-cm",
        ["2.16.840.1.113883.6.73"] = "www.whocc.no/atc",
        ["2.16.840.1.113883.6.69"] = "hl7.org/fhir/sid/ndc",
    };

    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LOINC"] = "loinc.org",
        ["LN"] = "loinc.org",
        ["SNOMED"] = "snomed.info/sct",
        ["SNOMED-CT"] = "snomed.info/sct",
        ["SNOMED CT"] = "snomed.info/sct",
        ["SCT"] = "snomed.info/sct",
        ["RXNORM"] = "www.nlm.nih.gov/research/umls/rxnorm",
    };

    /// <summary>Both name one system, or the second names none.</summary>
    public static bool AreAlike(string system, string? other) =>
        string.IsNullOrWhiteSpace(other) || Bare(system).Equals(Bare(other), StringComparison.OrdinalIgnoreCase);

    // Without scheme, www, and the slashes at its end.
    private static string Bare(string system)
    {
        var text = system.Trim();
        if (text.StartsWith(OidPrefix, StringComparison.OrdinalIgnoreCase))
            text = text[OidPrefix.Length..];
        if (Oids.TryGetValue(text, out var known) || Names.TryGetValue(text, out known))
            text = known;
        if (text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
            text = text[(scheme + 3)..];
        if (text.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            text = text[4..];
        return text.TrimEnd('/', '#');
    }
}
