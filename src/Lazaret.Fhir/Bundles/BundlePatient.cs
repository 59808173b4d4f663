namespace Lazaret.Fhir.Bundles;

/// <summary>A patient that a bundle holds or names.</summary>
/// <param name="Identity">A version-less absolute URL, a URN, or <c>Patient/id</c> where no base is known.</param>
/// <param name="Place">Where the bundle first says so: <c>Bundle.entry[3].resource.subject</c>.</param>
public sealed record BundlePatient(string Identity, string Place)
{
    /// <summary><c>Patient/id</c> of the patient's entry, when the bundle holds it.</summary>
    public string? TypeAndId { get; init; }

    /// <summary><c>Patient/id</c>, as the server that the bundle came from knows it; null for a URN.</summary>
    public string? OnServer => Identity.Split('/') is [.., "Patient", { Length: > 0 } id] ? $"Patient/{id}" : null;

    /// <summary>Whether this is the patient that somebody names by a URL, a URN, <c>Patient/id</c> or <c>id</c>.</summary>
    public bool Is(string reference)
    {
        if (reference.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var version)
            reference = reference[..version];
        if (reference == Identity)
            return true;
        var isAbsolute = EntryIndex.IsAbsolute(reference);
        if (isAbsolute)
            return !EntryIndex.IsAbsolute(Identity) && reference.EndsWith("/" + Identity, StringComparison.Ordinal);
        var relative = reference.Contains('/', StringComparison.Ordinal) ? reference : $"Patient/{reference}";
        return relative == Identity || relative == TypeAndId || Identity.EndsWith("/" + relative, StringComparison.Ordinal);
    }
}
