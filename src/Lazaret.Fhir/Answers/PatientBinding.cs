namespace Lazaret.Fhir.Answers;

/// <summary>
/// Holds resources against the patient who was asked about: whatever names a patient as its subject must name that one. It works on the
/// bytes that came, before they are validated: what is not sound FHIR it leaves to the validator.
/// </summary>
public sealed class PatientBinding
{
    private const int MaxNesting = 16;
    private const string Another = "is about another patient than";
    private const string Unknown = "is about somebody who cannot be told to be the patient of";

    // Those by which BundleReader finds a resource's patients, too.
    private static readonly string[] SubjectNames = ["subject", "patient", "beneficiary", "individual", "for"];

    private readonly string _patient;
    private readonly string _asked;
    private readonly List<Found> _found = [];
    private readonly Dictionary<string, Found> _byFullUrl = new(StringComparer.Ordinal);
    private string? _server;

    /// <param name="patient">The patient asked about: an id, <c>Patient/id</c>, or that behind a server's root.</param>
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
    public void Add(string place, ReadOnlyMemory<byte> resource) => Add(place, resource, fullUrl: null, nesting: 0);

    /// <summary>Everything that is about another patient, or about one who cannot be told, by its place.</summary>
    public IEnumerable<FhirIssue> Faults()
    {
        foreach (var found in _found)
        {
            if (found.Type == "Patient" && found.Owner is null && Judge(found) is { } stranger)
                yield return Issue(found, "", stranger);
            foreach (var name in SubjectNames)
            {
                foreach (var reference in References(found.Resource, name))
                {
                    if (Judge(reference, found) is { } fault)
                        yield return Issue(found, $".{name}", fault);
                }
            }
        }
    }

    private void Add(string place, ReadOnlyMemory<byte> resource, string? fullUrl, int nesting)
    {
        if (!resource.IsObject() || JsonMembers.Find(resource, "resourceType", "id", "entry", "contained") is not [{ } typeName, var id, var entries, var contained]
            || typeName.AsText() is not { } type)
        {
            return;
        }

        if (type == "Bundle" && nesting < MaxNesting)
        {
            var index = 0;
            if (entries is { } list && list.IsArray())
            {
                JsonMembers.ForEach(list, (_, entry) =>
                {
                    var at = index++;
                    if (entry.IsObject() && JsonMembers.Find(entry, "fullUrl", "resource") is [var url, { } inner])
                        Add($"{place}.entry[{at}].resource", inner, url?.AsText(), nesting + 1);
                });
            }

            return;
        }

        var found = new Found(place, type, id?.AsText(), fullUrl, resource, owner: null);
        _found.Add(found);
        if (fullUrl is not null)
            _byFullUrl.TryAdd(fullUrl, found);
        if (contained is not { } parts || !parts.IsArray())
            return;
        var number = 0;
        JsonMembers.ForEach(parts, (_, part) =>
        {
            var at = number++;
            if (!part.IsObject() || JsonMembers.Find(part, "resourceType", "id") is not [{ } partType, var partId] || partType.AsText() is not { } itsType)
                return;
            var inner = new Found($"{place}.contained[{at}]", itsType, partId?.AsText(), fullUrl, part, found);
            _found.Add(inner);
            found.TypesContained.TryAdd(inner.Id ?? "", itsType);
        });
    }

    private static List<ReadOnlyMemory<byte>> References(ReadOnlyMemory<byte> resource, string name)
    {
        if (JsonMembers.Find(resource, name) is not [{ } member])
            return [];
        if (!member.IsArray())
            return [member];
        var references = new List<ReadOnlyMemory<byte>>();
        JsonMembers.ForEach(member, (_, item) => references.Add(item));
        return references;
    }

    // A Patient among the resources.
    private string? Judge(Found patient)
    {
        if (patient.Id is null)
            return "is a patient without an id, who cannot be told to be that of";
        return patient.Id == _patient && IsOfServer(ResourceUrl.Parse(patient.FullUrl)?.Root) ? null : Another;
    }

    private string? Judge(ReadOnlyMemory<byte> reference, Found from)
    {
        // One that only displays or identifies somebody points nowhere: the negotiation takes no such datum.
        if (!reference.IsObject() || JsonMembers.Find(reference, "reference") is not [{ } member] || member.AsText() is not { } text)
            return null;
        if (text.StartsWith('#'))
        {
            return (from.Owner ?? from).TypesContained.GetValueOrDefault(text[1..]) is null or "Patient" ? Unknown : null;
        }

        text = ResourceUrl.WithoutVersion(text);
        if (_byFullUrl.TryGetValue(text, out var target))
            return target.Type == "Patient" ? Judge(target) : null;
        if (ResourceUrl.Parse(text) is not { } url)
            return Unknown;
        if (url.Type != "Patient")
            return null;
        return url.Id == _patient && IsOfServer(url.Root ?? ResourceUrl.Parse(from.FullUrl)?.Root) ? null : Another;
    }

    // Where no server was named, the first one that is met is the one.
    private bool IsOfServer(string? root) => ResourceUrl.ServerOf(root) is not { } server || (_server ??= server) == server;

    private FhirIssue Issue(Found found, string member, string fault) =>
        new(IssueSeverity.Error, "conflict", found.Place + member, $"this {found.Type} {fault} {_asked}");

    /// <summary>A resource at its place; a contained one has an owner.</summary>
    private sealed class Found(string place, string type, string? id, string? fullUrl, ReadOnlyMemory<byte> resource, Found? owner)
    {
        private Dictionary<string, string>? _typesContained;

        public string Place => place;

        public string Type => type;

        public string? Id => id;

        public string? FullUrl => fullUrl;

        public ReadOnlyMemory<byte> Resource => resource;

        public Found? Owner => owner;

        public Dictionary<string, string> TypesContained => _typesContained ??= new(StringComparer.Ordinal);
    }
}
