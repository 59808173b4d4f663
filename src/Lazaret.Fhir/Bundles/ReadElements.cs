namespace Lazaret.Fhir.Bundles;

/// <summary>
/// What is read out of a bundle's resources, by the names of a resource's elements, each with all that is below it. Beside what
/// <see cref="ClinicalEntryReader"/> reads there is what R4 calls a modifier, and what tells one patient from another.
/// </summary>
internal sealed class ReadElements
{
    /// <summary>Read out of a resource of any type, in whichever case a sender may have written them.</summary>
    public static readonly IReadOnlySet<string> OfAny =
        new HashSet<string>(ClinicalEntryReader.SubjectNames.Concat(["resourceType", "id", "implicitRules", "modifierExtension", "contained"]), StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, ReadElements> ByType = new(StringComparer.Ordinal)
    {
        ["Patient"] = new(["identifier", "active", "gender", "birthDate", "deceased", "link"]),
        ["Medication"] = new(["code", "status"]),
        ["Observation"] = new(["status", "code", "component"], ["focus", "effective", "issued", "value", "dataAbsentReason"], concept: "code"),
        ["Condition"] = new(["clinicalStatus", "verificationStatus", "code"], ["onset", "abatement", "recordedDate"], concept: "code"),
        ["MedicationRequest"] = new(["status", "intent", "doNotPerform", "medication"], ["authoredOn"], concept: "medication"),
        ["MedicationStatement"] = new(["status", "medication"], ["effective", "dateAsserted"], concept: "medication"),
    };

    private readonly string[] _always;
    private readonly string[] _whenAsked;

    private ReadElements(string[] always, string[]? whenAsked = null, string? concept = null) =>
        (_always, _whenAsked, Concept) = (always, whenAsked ?? [], concept);

    /// <summary>The element whose codings say what the resource is about; null for a type that others refer to.</summary>
    public string? Concept { get; }

    /// <summary>Null for a type of which nothing is read but <see cref="OfAny"/>.</summary>
    public static ReadElements? Of(string type) => ByType.GetValueOrDefault(type);

    /// <summary>Read whatever the resource is about.</summary>
    public bool IsAlwaysRead(string element) => _always.Contains(element, StringComparer.Ordinal);

    /// <summary>Read when somebody asks for what the resource is about.</summary>
    public bool IsReadWhenAsked(string element) => _whenAsked.Contains(element, StringComparer.Ordinal);
}
