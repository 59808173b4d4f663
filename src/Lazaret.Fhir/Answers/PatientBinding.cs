namespace Lazaret.Fhir.Answers;

/// <summary>Holds resources against the patient who was asked about: whatever names a patient as its subject must name that one.</summary>
public sealed class PatientBinding
{
    private const string Another = "is about another patient than";
    private const string Unknown = "is about somebody who cannot be told to be the patient of";

    private readonly string _patient;
    private readonly string _asked;
    private readonly FoundResources _found = new();
    private string? _server;

    /// <param name="patient">The patient asked about: an id, <c>Patient/id</c>, that behind a server's root, or the URN of the patient's entry.</param>
    /// <param name="asked">What named that patient, for the words of a fault: <c>context.patientId</c>.</param>
    /// <param name="server">The root of the patient's server; null when it is not known.</param>
    public PatientBinding(string patient, string asked, string? server = null)
    {
        _asked = asked;
        patient = ResourceUrl.WithoutVersion(patient);
        if (ResourceUrl.Parse(patient) is { Type: "Patient" } url)
            (_patient, server) = (url.Id, url.Root ?? server);
        else
            _patient = patient;
        _server = ResourceUrl.ServerOf(server);
    }

    /// <summary>Adds a resource, or a bundle with all of its entries.</summary>
    /// <param name="place">Where it stands, for the faults.</param>
    public void Add(string place, ReadOnlyMemory<byte> resource) => _found.Add(place, resource);

    /// <summary>Everything that is about another patient, or about one who cannot be told, by its place.</summary>
    public IEnumerable<FhirIssue> Faults()
    {
        foreach (var found in _found.All)
        {
            if (found is { Type: "Patient", Owner: null } && Judge(found) is { } stranger)
                yield return Issue(found, "", stranger);
            foreach (var (member, reference) in found.Subjects())
            {
                if (Judge(reference, found) is { } fault)
                    yield return Issue(found, $".{member}", fault);
            }
        }
    }

    /// <summary>How a bundle names the one patient whom it is about; null when there is none, or more than one.</summary>
    public static string? PatientOf(ReadOnlyMemory<byte> bundle)
    {
        var found = new FoundResources();
        found.Add("", bundle);
        var patients = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in found.All)
        {
            if (resource is { Type: "Patient", Owner: null, Id: { } id })
                patients.TryAdd(id, Name(resource.Root, id));
            foreach (var (_, reference) in resource.Subjects())
            {
                if (found.ByFullUrl(reference) is null && ResourceUrl.Parse(ResourceUrl.WithoutVersion(reference)) is { Type: "Patient" } url)
                    patients.TryAdd(url.Id, Name(url.Root ?? resource.Root, url.Id));
            }
        }

        return patients.Count == 1 ? patients.Values.Single() : null;

        static string Name(string? root, string id) => root is null ? $"Patient/{id}" : $"{root}/Patient/{id}";
    }

    // A Patient among the resources.
    private string? Judge(FoundResource patient)
    {
        if (patient.FullUrl == _patient)
            return null;
        if (patient.Id is null)
            return Unknown;
        return patient.Id == _patient && IsOfServer(patient.Root) ? null : Another;
    }

    private string? Judge(string reference, FoundResource from)
    {
        if (reference.StartsWith('#'))
            return (from.Owner ?? from).TypesContained.GetValueOrDefault(reference[1..]) is null or "Patient" ? Unknown : null;
        reference = ResourceUrl.WithoutVersion(reference);
        if (reference == _patient && reference.StartsWith("urn:", StringComparison.Ordinal))
            return null;
        if (_found.ByFullUrl(reference) is { } target)
            return target.Type == "Patient" ? Judge(target) : null;
        if (ResourceUrl.Parse(reference) is not { } url)
            return Unknown;
        if (url.Type != "Patient")
            return null;
        return url.Id == _patient && IsOfServer(url.Root ?? from.Root) ? null : Another;
    }

    // Where no server was named, the first one that is met is the one.
    private bool IsOfServer(string? root) => ResourceUrl.ServerOf(root) is not { } server || (_server ??= server) == server;

    private FhirIssue Issue(FoundResource found, string member, string fault) =>
        new(IssueSeverity.Error, "conflict", found.Place + member, $"this {found.Type} {fault} {_asked}");
}
