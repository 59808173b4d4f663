using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Where nothing has a requirement's code: what the bundle has that a person would take for it.</summary>
internal static class NearMiss
{
    private const int MostNamed = 4;

    /// <summary>In words; null when there is nothing of the kind.</summary>
    public static string? Find(Requirement requirement, FhirBundle bundle)
    {
        if (requirement is not ObservationRequirement observation)
            return null;
        var kind = LoincName.Of(requirement.System, requirement.Code)?.Kind;
        var (panels, kin) = (new List<string>(), new List<string>());
        foreach (var entry in bundle.Entries.OfType<ObservationEntry>())
        {
            if (entry.Components.Any(part => part.Codes.Any(requirement.Asks)) && !observation.Panels.Any(entry.Codes.Contains))
                Note(panels, NameOf(entry));
            if (kind is { Length: > 0 } && entry.Codes.FirstOrDefault(coding => LoincName.Of(coding.System, coding.Code)?.Kind == kind) is { } near)
                Note(kin, $"{near.Code} ({LoincName.Of(near.System, near.Code)!.Name})");
        }

        return (panels, kin) switch
        {
            ({ Count: > 0 }, _) => $"it was found only as a component of {string.Join(", ", panels)}, which the model does not name in component_of",
            (_, { Count: > 0 }) => $"{string.Join(", ", kin)} was found, which is another code than {requirement.Code} ({requirement.Title})",
            _ => null,
        };
    }

    private static void Note(List<string> names, string name)
    {
        if (names.Count < MostNamed && !names.Contains(name))
            names.Add(name);
    }

    // A text of the bundle is repeated only where it cannot be anything but a code.
    private static string NameOf(ObservationEntry panel) =>
        panel.Codes.FirstOrDefault(coding => coding is { System: Loinc.System, Code: { } code } && Loinc.HasValidCheckDigit(code))?.Code ?? "an observation with a code of another system";
}
