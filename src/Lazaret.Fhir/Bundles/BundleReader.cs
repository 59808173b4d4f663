using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>Reads what a negotiation looks at out of a bundle that the validator has passed.</summary>
public static class BundleReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = FhirValidator.MaxDepth };
    private static readonly JsonDocumentOptions WithoutDuplicates = new() { MaxDepth = FhirValidator.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Validates the bytes, then reads them, however long it takes.</summary>
    public static BundleReading Read(ReadOnlyMemory<byte> json) => Read(json, FhirBudget.Unlimited());

    /// <summary>
    /// Validates the bytes, then reads them. Nothing of <paramref name="json"/> is kept alive by the result. A bundle that takes
    /// longer than <paramref name="budget"/> is <see cref="BundleReading.Invalid"/>, with an issue that says so.
    /// </summary>
    /// <exception cref="OperationCanceledException">The budget's owner waits no longer.</exception>
    public static BundleReading Read(ReadOnlyMemory<byte> json, FhirBudget budget) => Read(json, budget, FhirScope.Whole);

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, FhirBudget)"/>
    /// <param name="scope">Which faults make the bundle invalid.</param>
    public static BundleReading Read(ReadOnlyMemory<byte> json, FhirBudget budget, FhirScope scope)
    {
        var validation = FhirValidator.Validate(json, budget, scope);
        if (!validation.IsValid)
            return new BundleReading.Invalid(validation.Issues);

        using var document = Parse(json, validation);
        if (document is null)
            return new BundleReading.Invalid([.. validation.Issues, new(IssueSeverity.Error, "structure", "", "a property is there twice, below one of these places")]);
        var root = document.RootElement;
        if (root.Text("resourceType") != "Bundle")
            return new BundleReading.Invalid([new(IssueSeverity.Error, "structure", "", "the resource must be a Bundle")]);
        if (root.Text("type") is not { } type)
            return new BundleReading.Invalid([new(IssueSeverity.Error, "required", "Bundle.type", "Bundle.type must have a value")]);
        try
        {
            return new BundleReading.Readable(Read(root, type, validation.UnreadEntries, budget)) { Warnings = validation.Issues };
        }
        catch (OutOfTimeException)
        {
            return new BundleReading.Invalid([budget.OutOfTime()]);
        }
    }

    /// <summary>Null when a property is there twice: below a fault that only warned, the validator did not look for that.</summary>
    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, FhirValidation validation)
    {
        try
        {
            return JsonDocument.Parse(json, validation.Issues.Count == 0 ? Options : WithoutDuplicates);
        }
        catch (JsonException) when (validation.Issues.Count > 0)
        {
            return null;
        }
    }

    private static FhirBundle Read(JsonElement root, string type, IReadOnlySet<int> unread, FhirBudget budget)
    {
        var entries = Entries(root, budget).ToList();
        var index = new EntryIndex(entries, budget);
        return new FhirBundle
        {
            Type = type,
            HasModifier = root.HasModifier() || entries.Exists(entry => entry.Type == "Patient" && entry.HasModifier),
            Patients = [.. entries.SelectMany(entry => Patients(entry, index)).Distinct(StringComparer.Ordinal)],
            Entries = [.. entries.Where(entry => !unread.Contains(entry.Index)).SelectMany(entry => ClinicalEntryReader.Read(entry, index))],
        };
    }

    private static IEnumerable<BundleEntry> Entries(JsonElement root, FhirBudget budget)
    {
        var index = -1;
        foreach (var entry in root.Items("entry"))
        {
            index++;
            budget.Spend();
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
