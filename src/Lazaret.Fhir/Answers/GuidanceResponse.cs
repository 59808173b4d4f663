using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>The answers of <c>Library/{key}/$evaluate</c> (http://hl7.org/fhir/R4/guidanceresponse.html), as UTF-8 JSON.</summary>
/// <param name="RequestId">The job's id, as a UUID.</param>
/// <param name="Subject">What the request calls its patient: <c>Patient/p1</c>; null to name none.</param>
public sealed record GuidanceResponse(ModelDescription Model, Guid RequestId, DateTimeOffset Occurrence, string? Subject)
{
    /// <summary>What is wrong with the bundle and did not matter: told among the messages of every answer.</summary>
    public IReadOnlyList<FhirIssue> Warnings { get; init; } = [];

    /// <summary><c>data-required</c> with what is missing and why; <c>failure</c> when the bundle was refused.</summary>
    public byte[] NotYet(Negotiation negotiation) => Write(
        negotiation is Negotiation.Refused ? "failure" : "data-required",
        [.. negotiation.Missing.Select(item => item.ToIssue())],
        writer => DataRequirement.Write(writer, negotiation.Missing.Select(item => item.Requirement)));

    /// <summary>The job waits or runs.</summary>
    public byte[] InProgress() => Write("in-progress", [], _ => { });

    /// <summary>The model's declared output fields: strings, numbers and booleans.</summary>
    public byte[] Success(IReadOnlyDictionary<string, JsonElement> output)
    {
        if (output.Count == 0)
            return Write("success", [], _ => { });
        return Write("success", [], writer => writer.Reference("outputParameters", "#output"), writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("resourceType", "Parameters");
            writer.WriteString("id", "output");
            writer.WriteStartArray("parameter");
            foreach (var (name, value) in output)
                WriteParameter(writer, name, value);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>The job ended without a result.</summary>
    public byte[] Failure(string words) => Write("failure", [new FhirIssue(IssueSeverity.Error, "processing", "", words)], _ => { });

    private static void WriteParameter(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                writer.WritePropertyName("valueDecimal");
                value.WriteTo(writer);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean("valueBoolean", value.GetBoolean());
                break;
            default:
                writer.WriteString("valueString", value.GetString());
                break;
        }

        writer.WriteEndObject();
    }

    private byte[] Write(string status, IReadOnlyList<FhirIssue> faults, Action<Utf8JsonWriter> body, Action<Utf8JsonWriter>? contained = null) =>
        FhirJson.Write(writer =>
        {
            IReadOnlyList<FhirIssue> issues = [.. faults, .. Warnings];
            writer.WriteString("resourceType", "GuidanceResponse");
            writer.WriteString("id", RequestId.ToString("D"));
            if (issues.Count > 0 || contained is not null)
            {
                writer.WriteStartArray("contained");
                if (issues.Count > 0)
                    OperationOutcome.Write(writer, issues, id: "why");
                contained?.Invoke(writer);
                writer.WriteEndArray();
            }

            writer.WriteStartObject("requestIdentifier");
            writer.WriteString("system", "urn:ietf:rfc:3986");
            writer.WriteString("value", $"urn:uuid:{RequestId:D}");
            writer.WriteEndObject();
            writer.WriteString("moduleCanonical", Model.Canonical);
            writer.WriteString("status", status);
            if (Subject is not null)
                writer.Reference("subject", Subject);
            writer.WriteString("occurrenceDateTime", FhirJson.Instant(Occurrence));
            if (issues.Count > 0)
            {
                writer.WriteStartArray("evaluationMessage");
                writer.WriteStartObject();
                writer.WriteString("reference", "#why");
                writer.WriteEndObject();
                writer.WriteEndArray();
            }

            body(writer);
        });
}
