using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>A FHIR R4 resource as JSON. Beside its type it has the members that FHIR defines.</summary>
internal sealed record FhirResource
{
    [JsonPropertyName("resourceType")]
    public required string ResourceType { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}

/// <summary>A FHIR R4 Bundle as JSON.</summary>
internal sealed record FhirBundleBody
{
    [JsonPropertyName("resourceType"), AllowedValues("Bundle")]
    public required string ResourceType { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}

/// <summary>A FHIR R4 OperationOutcome as JSON: what is wrong, issue by issue.</summary>
internal sealed record FhirOutcome
{
    [JsonPropertyName("resourceType"), AllowedValues("OperationOutcome")]
    public required string ResourceType { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}
