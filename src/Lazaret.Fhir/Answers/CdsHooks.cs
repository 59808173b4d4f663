using System.Globalization;
using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/): every model is a service of the hook <c>patient-view</c>.</summary>
public static class CdsHooks
{
    private const int LongestSummary = 140;

    /// <summary>The answer of <c>GET /cds-services</c>. The prefetch keys are <c>patient</c> and the requirements' codes.</summary>
    public static byte[] Discovery(IEnumerable<ModelDescription> models) => FhirJson.Write(writer =>
    {
        writer.WriteStartArray("services");
        foreach (var model in models)
        {
            writer.WriteStartObject();
            writer.WriteString("hook", "patient-view");
            writer.WriteString("id", model.Key);
            writer.WriteString("title", model.Title);
            writer.WriteString("description", string.Create(CultureInfo.InvariantCulture,
                $"{model.Title} {model.Version}, run beside the data on {model.Requirements.Count} observations, conditions or medications"));
            writer.WriteStartObject("prefetch");
            writer.WriteString("patient", "Patient/{{context.patientId}}");
            foreach (var requirement in model.Requirements)
                writer.WriteString(requirement.Code, PrefetchTemplate(requirement));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>
    /// The search that the client fills in before it calls. A template has no instant to count from, so that it asks for the
    /// newest datum, and the negotiation judges its age.
    /// </summary>
    public static string PrefetchTemplate(Requirement requirement)
    {
        var search = SearchQuery.Of(requirement, since: null);
        return search.Insert(search.IndexOf('?', StringComparison.Ordinal) + 1, "patient={{context.patientId}}&");
    }

    /// <summary>One card that tells the model's declared output.</summary>
    public static byte[] Card(ModelDescription model, IReadOnlyDictionary<string, JsonElement> output)
    {
        var fields = output.Select(field => $"{field.Key}: {Text(field.Value)}").ToList();
        return Cards(model, $"{model.Title}: {string.Join(", ", fields)}", "info", string.Join('\n', fields.Select(field => $"- {field}")));
    }

    /// <summary>The job was admitted, and its result is not there yet.</summary>
    public static byte[] PendingCard(ModelDescription model, string words) => Cards(model, $"{model.Title}: {words}", "info", detail: null);

    private static byte[] Cards(ModelDescription model, string summary, string indicator, string? detail) => FhirJson.Write(writer =>
    {
        writer.WriteStartArray("cards");
        writer.WriteStartObject();
        writer.WriteString("summary", summary.Length > LongestSummary ? summary[..(LongestSummary - 1)] + "…" : summary);
        writer.WriteString("indicator", indicator);
        if (detail is { Length: > 0 })
            writer.WriteString("detail", detail);
        writer.WriteStartObject("source");
        writer.WriteString("label", $"{model.Title} {model.Version}");
        writer.WriteString("url", model.Url);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}
