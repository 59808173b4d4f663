using System.Text.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>One entry of the audit as a FHIR AuditEvent (http://hl7.org/fhir/R4/auditevent.html), as UTF-8 JSON.</summary>
/// <param name="Action">What was done: a code of the node's own, <c>urn:lazaret:audit-action</c>.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="IsRequestor">Whether the actor asked for it, and is not the node or its operator.</param>
/// <param name="Site">The site's name.</param>
/// <param name="Job">The job it was done to.</param>
/// <param name="Detail">More about it, as text.</param>
public sealed record AuditEvent(long Sequence, DateTimeOffset Recorded, string Action, string Actor, bool IsRequestor, bool Succeeded, string Site, Guid? Job, string Detail)
{
    public byte[] ToJson() => FhirJson.Write(writer =>
    {
        writer.WriteString("resourceType", "AuditEvent");
        writer.WriteString("id", $"lazaret-{Sequence}");
        writer.WriteStartObject("type");
        WriteCoding(writer, "http://terminology.hl7.org/CodeSystem/audit-event-type", "rest");
        writer.WriteStartArray("subtype");
        writer.WriteStartObject();
        WriteCoding(writer, "urn:lazaret:audit-action", Action);
        writer.WriteEndArray();
        writer.WriteString("recorded", Recorded);
        // 4: minor failure.
        writer.WriteString("outcome", Succeeded ? "0" : "4");
        WriteAgent(writer);
        WriteSource(writer);
        WriteEntity(writer);
    });

    private void WriteAgent(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("agent");
        writer.WriteStartObject();
        WriteDisplay(writer, "who", Actor);
        writer.WriteBoolean("requestor", IsRequestor);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteSource(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("source");
        writer.WriteString("site", Site);
        WriteDisplay(writer, "observer", $"Lazaret at {Site}");
        writer.WriteEndObject();
    }

    private void WriteEntity(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("entity");
        writer.WriteStartObject();
        if (Job is { } job)
        {
            writer.WriteStartObject("what");
            writer.WriteStartObject("identifier");
            writer.WriteString("system", "urn:ietf:rfc:3986");
            writer.WriteString("value", $"urn:uuid:{job:D}");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteStartArray("detail");
        writer.WriteStartObject();
        writer.WriteString("type", "detail");
        writer.WriteString("valueString", Detail);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    // The members of a Coding in the object that was begun, and that object's end.
    private static void WriteCoding(Utf8JsonWriter writer, string system, string code)
    {
        writer.WriteString("system", system);
        writer.WriteString("code", code);
        writer.WriteEndObject();
    }

    private static void WriteDisplay(Utf8JsonWriter writer, string name, string display)
    {
        writer.WriteStartObject(name);
        writer.WriteString("display", display);
        writer.WriteEndObject();
    }
}
