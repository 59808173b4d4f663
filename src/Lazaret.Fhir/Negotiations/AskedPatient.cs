using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>The patient who is asked about. A bundle that is about somebody else, or about one who cannot be told, is refused.</summary>
public sealed record AskedPatient
{
    private readonly string? _id;

    private AskedPatient(string reference, string? id, string? server, string namedBy) =>
        (Reference, _id, Server, NamedBy) = (reference, id, server, namedBy);

    /// <summary><c>Patient/123</c>, that behind a server's root, or the URN of the patient's entry.</summary>
    public string Reference { get; }

    /// <summary>The root of the patient's server; null when it is not known.</summary>
    public string? Server { get; }

    /// <summary>What named the patient, for the words of a refusal: <c>context.patientId</c>.</summary>
    public string NamedBy { get; }

    internal bool IsUrn => _id is null;

    /// <summary>Reads an id, <c>Patient/id</c>, that behind a server's root, or a URN; null for anything else.</summary>
    /// <param name="text">Its version does not count.</param>
    /// <param name="namedBy">See <see cref="NamedBy"/>.</param>
    /// <param name="server">The root of the server, where the text has none.</param>
    public static AskedPatient? Read(string text, string namedBy = "the one asked about", string? server = null)
    {
        if (text.StartsWith("urn:", StringComparison.Ordinal))
            return new AskedPatient(text, id: null, server, namedBy);
        text = ResourceUrl.WithoutVersion(text);
        if (!text.Contains('/', StringComparison.Ordinal))
            return text.Length > 0 && text[0] != '#' ? new AskedPatient($"Patient/{text}", text, server, namedBy) : null;
        return ResourceUrl.Parse(text) is { Type: "Patient" } url ? new AskedPatient(text, url.Id, url.Root ?? server, namedBy) : null;
    }

    /// <summary>
    /// Those of a bundle's patients who are somebody else. Ids are compared, and servers where both are named; where nobody named the
    /// patient's server, the first one that is met is the one.
    /// </summary>
    internal IReadOnlyList<BundlePatient> FindStrangers(IEnumerable<BundlePatient> patients)
    {
        var server = ResourceUrl.ServerOf(Server);
        var strangers = new List<BundlePatient>();
        foreach (var patient in patients)
        {
            var isShe = (ResourceUrl.Parse(patient.Identity) ?? ResourceUrl.Parse(patient.TypeAndId)) is { Type: "Patient" } url && url.Id == _id
                && ((ResourceUrl.ServerOf(url.Root) ?? patient.Server) is not { } root || root == (server ??= root));
            if (!isShe && !(IsUrn && patient.Identity == Reference))
                strangers.Add(patient);
        }

        return strangers;
    }
}
