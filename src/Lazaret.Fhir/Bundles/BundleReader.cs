using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Reads what a negotiation looks at out of a bundle that the validator has passed.</summary>
public static class BundleReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = FhirValidator.MaxDepth };

    /// <summary>Validates the bytes, then reads them. Nothing of <paramref name="json"/> is kept alive by the result.</summary>
    public static BundleReading Read(ReadOnlyMemory<byte> json)
    {
        var validation = FhirValidator.Validate(json);
        if (!validation.IsValid)
            return new BundleReading.Invalid(validation.Issues);

        using var document = JsonDocument.Parse(json, Options);
        var root = document.RootElement;
        if (root.Text("resourceType") != "Bundle")
            return new BundleReading.Invalid([new(IssueSeverity.Error, "structure", "", "the resource must be a Bundle")]);
        if (root.Text("type") is not { } type)
            return new BundleReading.Invalid([new(IssueSeverity.Error, "required", "Bundle.type", "Bundle.type must have a value")]);
        return new BundleReading.Readable(Read(root, type));
    }

    private static FhirBundle Read(JsonElement root, string type)
    {
        var entries = Entries(root).ToList();
        var index = new EntryIndex(entries);
        return new FhirBundle
        {
            Type = type,
            HasModifier = root.HasModifier() || entries.Exists(entry => entry.Type == "Patient" && entry.HasModifier),
            Patients = [.. entries.SelectMany(entry => Patients(entry, index)).Distinct(StringComparer.Ordinal)],
            Entries = [.. entries.SelectMany(entry => ClinicalEntryReader.Read(entry, index))],
        };
    }

    private static IEnumerable<BundleEntry> Entries(JsonElement root)
    {
        var index = -1;
        foreach (var entry in root.Items("entry"))
        {
            index++;
            if (entry.Member("resource") is { } resource && resource.Text("resourceType") is { } type)
                yield return new(index, entry.Text("fullUrl"), type, resource, entry.HasModifier() || resource.HasModifier());
        }
    }

    private static IEnumerable<string> Patients(BundleEntry entry, EntryIndex index)
    {
        if (entry.Type == "Patient")
            yield return entry.Identity;
        foreach (var resource in entry.Resource.Items("contained").Prepend(entry.Resource))
        {
            foreach (var patient in ClinicalEntryReader.PatientsOf(resource, entry, index))
                yield return patient;
        }
    }
}
