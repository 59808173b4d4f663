using System.Globalization;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/): every model is a service of the hook <c>patient-view</c>.</summary>
public static class CdsServices
{
    /// <summary>The hook of every service.</summary>
    public const string Hook = "patient-view";

    /// <summary>The answer of <c>GET /cds-services</c>. The prefetch keys are <c>patient</c> and the requirements' codes.</summary>
    public static byte[] Discovery(IEnumerable<ModelDescription> models) => FhirJson.Write(writer =>
    {
        writer.WriteStartArray("services");
        foreach (var model in models)
        {
            writer.WriteStartObject();
            writer.WriteString("hook", Hook);
            writer.WriteString("id", model.Key);
            writer.WriteString("title", model.Title);
            writer.WriteString("description", string.Create(CultureInfo.InvariantCulture,
                $"{model.Title} {model.Version}, run beside the data on {model.Requirements.Count} observations, conditions or medications"));
            writer.WriteStartObject("prefetch");
            writer.WriteString("patient", "Patient/{{context.patientId}}");
            foreach (var requirement in model.Requirements)
            {
                writer.WriteString(requirement.Code, PrefetchTemplate(requirement));
                if (requirement is MedicationRequirement)
                    writer.WriteString($"{requirement.Code}.statements", SearchQuery.Statements(PrefetchTemplate(requirement)));
            }

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

    /// <summary>The answer to a call: one card.</summary>
    /// <param name="ignored">Members of the call that were not looked at: whoever sent them is told.</param>
    public static byte[] Answer(ModelDescription model, CdsCard card, IReadOnlyList<string> ignored) => FhirJson.Write(writer =>
    {
        writer.WriteStartArray("cards");
        writer.WriteStartObject();
        writer.WriteString("uuid", card.Id.ToString("D"));
        writer.WriteString("summary", card.Summary);
        writer.WriteString("indicator", card.Indicator);
        if (card.Detail is { Length: > 0 } detail)
            writer.WriteString("detail", detail);
        writer.WriteStartObject("source");
        writer.WriteString("label", $"{model.Title} {model.Version}");
        writer.WriteString("url", model.Url);
        writer.WriteEndObject();
        if (card.Link is var (label, url))
        {
            writer.WriteStartArray("links");
            writer.WriteStartObject();
            writer.WriteString("label", label);
            writer.WriteString("url", url);
            writer.WriteString("type", "absolute");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        if (card.Basis is { } basis)
        {
            writer.WriteStartObject("extension");
            writer.WritePropertyName("lazaret.basis");
            writer.WriteRawValue((basis with { Patient = null }).Write());
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
        if (ignored.Count == 0)
            return;
        writer.WriteStartObject("extension");
        writer.Strings("lazaret.ignored", [.. ignored]);
        writer.WriteEndObject();
    });
}
