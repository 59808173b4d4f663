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
    /// <param name="server">The root of the server that entries without a fullUrl come from; null when it is not known.</param>
    public static BundleReading Read(ReadOnlyMemory<byte> json, FhirBudget budget, FhirScope scope, string? server = null)
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
            return new BundleReading.Readable(Read(root, type, validation.UnreadEntries, budget, server)) { Warnings = validation.Issues };
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

    private static FhirBundle Read(JsonElement root, string type, IReadOnlySet<int> unread, FhirBudget budget, string? server)
    {
        var collected = new EntryCollector(unread, budget);
        collected.Add(root);
        var entries = collected.Entries;
        var index = new EntryIndex(entries, budget, server);
        var patients = new PatientCollector(index);
        patients.Add(entries);
        var versions = new EntryVersions(entries);
        return new FhirBundle
        {
            Type = type,
            HasModifier = collected.HasModifier || entries.Exists(entry => entry.Type == "Patient" && entry.HasModifier),
            Patients = patients.Patients,
            InactivePatients = patients.Inactive,
            UnresolvedSubjects = patients.Unresolved,
            Unread = collected.Unread,
            Entries =
            [
                .. entries.Where(entry => entry.IsRead && versions.Counts(entry))
                    .SelectMany(entry => ClinicalEntryReader.Read(entry, index).Select(read => versions.IsDisputed(entry) ? read with { IsDisputed = true } : read)),
            ],
        };
    }
}
