using System.Text;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Delivery;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Http;

namespace Lazaret.Node.Diagnoses;

/// <summary>The body of <c>POST /v1/diagnose</c>, with the bundle as the bytes that came: the FHIR reader judges those itself.</summary>
public sealed record DiagnosisEnvelope(string ClientId, string Target, ReadOnlyMemory<byte> Bundle, Uri? Webhook = null)
{
    /// <summary>What may still be spent on reading the bundle, when the request has spent some already.</summary>
    public FhirBudget? Budget { get; init; }

    /// <summary>The patient that is asked about, where the dialect says so: <see cref="NegotiationTerms.Patient"/>.</summary>
    public AskedPatient? Patient { get; init; }

    /// <summary>Turns a place in the bundle into one in what the client sent, where that is something else.</summary>
    public Func<string, string> ToSent { get; init; } = static place => place;

    /// <summary>What was not sent or not read before there was a bundle, with places in what the client sent.</summary>
    public IReadOnlyList<UnreadPart> Unread { get; init; } = [];

    internal FhirIssue Place(FhirIssue issue) => issue with { Expression = ToSent(issue.Expression) };

    internal FhirBundle Place(FhirBundle bundle) => bundle with { Unread = [.. Unread, .. bundle.Unread.Select(part => part with { Place = ToSent(part.Place) })] };

    internal Refusal Place(Refusal refusal) => refusal with { Places = [.. refusal.Places.Select(ToSent)] };

    // Each character may be an escape of six bytes, and the longest text, the URL, has 2000.
    private const int MaxTextBytes = 6 * 2000;
    private const int MaxNameBytes = 400;

    /// <summary>The member that names the model.</summary>
    public const string TargetMember = "target_diagnosis";

    private static readonly string[] Members = ["client_id", TargetMember, WebhookUrl.Field, "fhir_bundle"];

    /// <summary>The envelope, or null and what is wrong with it.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="addresses">Where webhooks may lead.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="target">The target, whatever else is wrong; null where it could not be read.</param>
    public static DiagnosisEnvelope? Read(ReadOnlyMemory<byte> body, WebhookAddresses addresses, FaultList<RequestFault> faults, out string? target)
    {
        target = null;
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
                // No text is made of what is not asked for: a body may hold millions of members, or one of megabytes.
                var name = MemberOf(reader);
                if (name is null)
                    faults.Add(reader.ValueSpan, static bytes => RequestFault.NoSuch(Shown(bytes), "member", Members));
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var type = reader.TokenType;
                var text = name is not null && type == JsonTokenType.String && reader.ValueSpan.Length <= MaxTextBytes ? reader.GetString() : null;
                reader.Skip();
                if (name is not null && !found.TryAdd(name, (type, start..(int)reader.BytesConsumed, text)))
                    faults.Add(name, static name => new RequestFault(name, "is there twice"));
            }

            // What follows the object must be nothing.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader's own words may quote the body: say where, not what. InvalidOperationException: a broken string.
            var place = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column } ? $" (line {line + 1}, byte {column + 1})" : "";
            faults.Add(new RequestFault("body", $"is not valid JSON{place}"));
            target = found.GetValueOrDefault(TargetMember).Text;
            return null;
        }

        var client = Text("client_id", 200);
        target = Text(TargetMember, 200);
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
            else if (PlainText.FindUnplain(text) is { } found)
                faults.Add(new RequestFault(name, $"holds {found}, which is no character that shows"));
            else
                return text;
            return null;
        }
    }

    private static string? MemberOf(in Utf8JsonReader reader)
    {
        foreach (var member in Members)
        {
            if (reader.ValueTextEquals(member))
                return member;
        }

        return null;
    }

    // As it was written, escapes and all.
    private static string Shown(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxNameBytes)]);
}
