using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Node.Models;

/// <summary>A requirement as requesters read it, in the registry's answers and in the negotiation's.</summary>
internal static class RequirementJson
{
    public static JsonObject Describe(Requirement requirement)
    {
        var description = new JsonObject
        {
            ["type"] = requirement switch
            {
                ConditionRequirement => "Condition",
                MedicationRequirement => "MedicationStatement",
                _ => "Observation",
            },
            ["code"] = requirement.Code,
            ["system"] = requirement.System,
            ["display"] = requirement.Title,
            ["mandatory"] = requirement.Mandatory,
            ["max_age"] = requirement.MaxAge is { } age ? XmlConvert.ToString(age) : null,
        };
        if (requirement.AlsoCodes.Count > 0)
            description["also_codes"] = Texts(requirement.AlsoCodes);
        if (requirement.Statuses.Count > 0)
            description["statuses"] = Texts(requirement.Statuses);
        if (requirement.FallsBack)
            description["fallback"] = "older";
        if (requirement.AcceptsAbsent)
            description["accept_absent"] = true;
        if (requirement is not ObservationRequirement observation)
            return description;
        description["accepted_units"] = Texts(observation.Units);
        if (observation.MolarMass is { } molarMass)
            description["molar_mass"] = molarMass;
        if (observation.AcceptedCodes.Count > 0)
        {
            description["accepted_codes"] = Texts(observation.AcceptedCodes.Keys);
            description["answers"] = JsonSerializer.SerializeToNode(observation.Answers());
        }

        if (observation.ComponentOf.Count > 0)
            description["component_of"] = Texts(observation.ComponentOf);
        if (observation.Range is { } range)
            description["range"] = new JsonArray(range.Minimum, range.Maximum);
        return description;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
