using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>The answers of <c>Library/{key}/$evaluate</c> (http://hl7.org/fhir/R4/guidanceresponse.html), as UTF-8 JSON.</summary>
/// <param name="RequestId">The job's id, as a UUID.</param>
/// <param name="Basis">
/// What the answer rests on: its patient is the subject, its warnings are messages, and its data are output parameters of every answer, named
/// <c>lazaret.used</c> and <c>lazaret.skipped</c>. Null where that has expired.
/// </param>
public sealed record GuidanceResponse(ModelDescription Model, Guid RequestId, DateTimeOffset Occurrence, NegotiationBasis? Basis)
{
    private const int MostUnread = 20;

    /// <summary><c>data-required</c> with what is missing and why; <c>failure</c> when the bundle was refused.</summary>
    public byte[] NotYet(Negotiation negotiation) => Write(
        negotiation is Negotiation.Refused ? "failure" : "data-required",
        [.. negotiation.Missing.Select(item => item.ToIssue())],
        negotiation.Missing.Select(item => item.Requirement));

    /// <summary>The job waits or runs.</summary>
    public byte[] InProgress() => Write("in-progress", []);

    /// <summary>The model's declared output fields: strings, numbers and booleans.</summary>
    public byte[] Success(IReadOnlyDictionary<string, JsonElement> output) => Write("success", [], output: output);

    /// <summary>The job ended without a result.</summary>
    public byte[] Failure(string words) => Write("failure", [new FhirIssue(IssueSeverity.Error, "processing", "", words)]);

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

    private byte[] Write(
        string status, IReadOnlyList<FhirIssue> faults, IEnumerable<Requirement>? missing = null, IReadOnlyDictionary<string, JsonElement>? output = null) =>
        FhirJson.Write(writer =>
        {
            IReadOnlyList<FhirIssue> issues =
            [
                .. faults,
                .. Basis?.Unread?.Take(MostUnread).Select(part => part.ToIssue()) ?? [],
                .. Basis?.Warnings?.Select(warning => warning.ToIssue()) ?? [],
            ];
            var hasParameters = output is { Count: > 0 } || Basis is { Used.Count: > 0 } or { Skipped.Count: > 0 };
            writer.WriteString("resourceType", "GuidanceResponse");
            writer.WriteString("id", RequestId.ToString("D"));
            if (issues.Count > 0 || hasParameters)
            {
                writer.WriteStartArray("contained");
                if (issues.Count > 0)
                    OperationOutcome.Write(writer, issues, id: "why");
                if (hasParameters)
                    WriteParameters(writer, output);
                writer.WriteEndArray();
            }

            writer.WriteStartObject("requestIdentifier");
            writer.WriteString("system", "urn:ietf:rfc:3986");
            writer.WriteString("value", $"urn:uuid:{RequestId:D}");
            writer.WriteEndObject();
            writer.WriteString("moduleCanonical", Model.Canonical);
            writer.WriteString("status", status);
            if (Basis?.Patient is { } subject)
                writer.Reference("subject", subject);
            writer.WriteString("occurrenceDateTime", FhirJson.Instant(Occurrence));
            if (issues.Count > 0)
            {
                writer.WriteStartArray("evaluationMessage");
                writer.WriteStartObject();
                writer.WriteString("reference", "#why");
                writer.WriteEndObject();
                writer.WriteEndArray();
            }

            if (hasParameters)
                writer.Reference("outputParameters", "#output");
            DataRequirement.Write(writer, missing ?? []);
        });

    private void WriteParameters(Utf8JsonWriter writer, IReadOnlyDictionary<string, JsonElement>? output)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Parameters");
        writer.WriteString("id", "output");
        writer.WriteStartArray("parameter");
        foreach (var (name, value) in output ?? new Dictionary<string, JsonElement>())
            WriteParameter(writer, name, value);
        if (Basis is not null)
            BasisParameters.Write(writer, Basis, Model);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
