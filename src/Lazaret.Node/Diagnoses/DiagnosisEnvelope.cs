using System.Text.Json;
using Lazaret.Fhir;
using Lazaret.Node.Admission;
using Lazaret.Node.Delivery;

namespace Lazaret.Node.Diagnoses;

/// <summary>The body of <c>POST /v1/diagnose</c>, with the bundle as the bytes that came: the FHIR reader judges those itself.</summary>
public sealed record DiagnosisEnvelope(string ClientId, string Target, ReadOnlyMemory<byte> Bundle, Uri? Webhook = null)
{
    /// <summary>What may still be spent on reading the bundle, when the request has spent some already.</summary>
    public FhirBudget? Budget { get; init; }

    private static readonly string[] Members = ["client_id", "target_diagnosis", WebhookUrl.Field, "fhir_bundle"];

    /// <summary>The envelope, or null and everything that is wrong with it.</summary>
    public static DiagnosisEnvelope? Read(ReadOnlyMemory<byte> body, WebhookAddresses addresses, List<RequestFault> faults)
    {
        var found = new Dictionary<string, (JsonTokenType Type, Range Bytes, string? Text)>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 128 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                faults.Add(new RequestFault("body", "must be a JSON object", Members));
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var (type, text) = (reader.TokenType, reader.TokenType == JsonTokenType.String ? reader.GetString() : null);
                reader.Skip();
                if (!Members.Contains(name))
                    faults.Add(RequestFault.NoSuch(name, "member", Members));
                else if (!found.TryAdd(name, (type, start..(int)reader.BytesConsumed, text)))
                    faults.Add(new RequestFault(name, "is there twice"));
            }

            // What follows the object must be nothing.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader's own words may quote the body: say where, not what. InvalidOperationException: a broken string.
            var place = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column } ? $" (line {line + 1}, byte {column + 1})" : "";
            faults.Add(new RequestFault("body", $"is not valid JSON{place}"));
            return null;
        }

        var client = Text("client_id", 200);
        var target = Text("target_diagnosis", 200);
        Uri? webhook = null;
        if (found.TryGetValue(WebhookUrl.Field, out var url) && url.Type != JsonTokenType.Null)
        {
            webhook = WebhookUrl.Read(url.Text, addresses, out var fault);
            if (fault is not null)
                faults.Add(fault);
        }

        if (!found.TryGetValue("fhir_bundle", out var bundle))
            faults.Add(new RequestFault("fhir_bundle", "is missing"));
        else if (bundle.Type != JsonTokenType.StartObject)
            faults.Add(new RequestFault("fhir_bundle", "must be a FHIR R4 Bundle as a JSON object"));
        return faults.Count == 0 ? new DiagnosisEnvelope(client!, target!, body[bundle.Bytes], webhook) : null;

        string? Text(string name, int max)
        {
            if (!found.TryGetValue(name, out var member))
                faults.Add(new RequestFault(name, "is missing"));
            else if (member.Text is not { Length: > 0 } text || text.Length > max)
                faults.Add(new RequestFault(name, $"must be a text of 1 to {max} characters"));
            else
                return text;
            return null;
        }
    }
}
