namespace Lazaret.Fhir.Bundles;

/// <summary>A patient that a bundle holds or names.</summary>
/// <param name="Identity">A version-less absolute URL, a URN, or <c>Patient/id</c> where no base is known.</param>
/// <param name="Mentions">Where the bundle says so.</param>
public sealed record BundlePatient(string Identity, Places Mentions)
{
    /// <summary><c>Patient/id</c> of the patient's entry, when the bundle holds it.</summary>
    public string? TypeAndId { get; init; }

    /// <summary>It is the URN of an entry that the bundle does not hold: it leads to nobody.</summary>
    public bool LeadsNowhere { get; init; }

    /// <summary>The server whose entries name the patient's, where that does not say so itself, as <see cref="ResourceUrl.ServerOf"/> writes it.</summary>
    internal string? Server { get; init; }

    /// <summary><c>Patient/id</c>, as the server that the bundle came from knows it; null for a URN.</summary>
    public string? OnServer => Identity.Split('/') is [.., "Patient", { Length: > 0 } id] ? $"Patient/{id}" : null;

    /// <summary>How somebody outside of the bundle can refer to the patient; null where only the bundle knows her.</summary>
    public string? Reference => OnServer is null ? TypeAndId : Identity;
}
