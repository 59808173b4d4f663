using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Collects whom a bundle is about: its Patient entries, and everybody whom a resource names as its subject.</summary>
internal sealed class PatientCollector(EntryIndex index)
{
    private readonly OrderedDictionary<string, Places> _patients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BundleEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>The distinct patients, Patient entries first.</summary>
    public IReadOnlyList<BundlePatient> Patients =>
    [
        .. _patients.Select(patient => _entries.TryGetValue(patient.Key, out var entry)
            ? new BundlePatient(patient.Key, patient.Value) { TypeAndId = entry.TypeAndId, Server = index.ServerOf(entry) }
            : new BundlePatient(patient.Key, patient.Value)
            {
                LeadsNowhere = patient.Key.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) && !patient.Key.Contains('#', StringComparison.Ordinal),
            }),
    ];

    /// <summary>Where a resource names its patient by a reference that cannot be resolved.</summary>
    public Places Unresolved { get; } = new();

    /// <summary>Where a Patient says that its record is out of use.</summary>
    public Places Inactive { get; } = new();

    public void Add(List<BundleEntry> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Type == "Patient"))
        {
            _entries.TryAdd(entry.Identity, entry);
            Note(entry.Identity, entry.Place, "");
            if (entry.Resource.Member("active") is { ValueKind: JsonValueKind.False })
                Inactive.Add(entry.Place, ".resource.active");
            foreach (var (at, link) in entry.Resource.Items("link").Index())
            {
                if (link.Text("type") == "replaced-by")
                    Inactive.Add(entry.Place, $".resource.link[{at}]");
            }
        }

        foreach (var entry in entries)
        {
            Add(entry.Resource, entry, "");
            foreach (var (at, contained) in entry.Resource.Items("contained").Index())
                Add(contained, entry, $".contained[{at}]");
        }
    }

    private void Add(JsonElement resource, BundleEntry entry, string within)
    {
        foreach (var (patient, member) in ClinicalEntryReader.SubjectsOf(resource, entry, index))
        {
            if (patient is null)
                Unresolved.Add(entry.Place, $".resource{within}.{member}");
            else
                Note(patient, entry.Place, $".resource{within}.{member}");
        }
    }

    private void Note(string patient, string place, string member)
    {
        if (!_patients.TryGetValue(patient, out var places))
            _patients.Add(patient, places = new Places());
        places.Add(place, member);
    }
}
