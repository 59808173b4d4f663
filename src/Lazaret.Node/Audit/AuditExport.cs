using System.Text.Json;
using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

public enum AuditFormat
{
    /// <summary>One JSON object a line, as stored.</summary>
    Ndjson,

    /// <summary>One FHIR R4 AuditEvent a line.</summary>
    Fhir,
}

/// <summary>Prints the audit.</summary>
public sealed class AuditExport(IDbContextFactory<LazaretDb> databases, SiteOptions site)
{
    public async Task WriteAsync(Stream output, AuditFormat format, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writer = new Utf8JsonWriter(output);
        await foreach (var entry in db.Audit.AsNoTracking().OrderBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (format == AuditFormat.Fhir)
                WriteAuditEvent(writer, entry);
            else
                WriteEntry(writer, entry);
            await writer.FlushAsync(cancellationToken);
            writer.Reset();
            output.WriteByte((byte)'\n');
        }
    }

    private static string Name(AuditAction action) => JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString());

    private static void WriteEntry(Utf8JsonWriter writer, AuditEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", entry.Sequence);
        writer.WriteString("at", entry.At);
        writer.WriteString("actor", entry.Actor);
        writer.WriteString("action", Name(entry.Action));
        if (entry.JobId is { } job)
            writer.WriteString("job", job);
        writer.WritePropertyName("detail");
        writer.WriteRawValue(entry.Detail);
        writer.WriteEndObject();
    }

    // http://hl7.org/fhir/R4/auditevent.html: type, recorded, agent and source are required.
    private void WriteAuditEvent(Utf8JsonWriter writer, AuditEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "AuditEvent");
        writer.WriteString("id", $"lazaret-{entry.Sequence}");
        WriteCoding(writer, "type", "http://terminology.hl7.org/CodeSystem/audit-event-type", "rest");
        writer.WriteStartArray("subtype");
        WriteCoding(writer, null, "urn:lazaret:audit-action", Name(entry.Action));
        writer.WriteEndArray();
        writer.WriteString("recorded", entry.At);
        writer.WriteString("outcome", entry.Action is AuditAction.RequestRefused or AuditAction.RunFailed or AuditAction.RunLost ? "4" : "0");
        writer.WriteStartArray("agent");
        writer.WriteStartObject();
        writer.WriteStartObject("who");
        writer.WriteString("display", entry.Actor);
        writer.WriteEndObject();
        writer.WriteBoolean("requestor", entry.Actor is not (AuditEntry.Node or AuditEntry.Operator));
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("source");
        writer.WriteString("site", site.Name);
        writer.WriteStartObject("observer");
        writer.WriteString("display", $"Lazaret at {site.Name}");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("entity");
        writer.WriteStartObject();
        if (entry.JobId is { } job)
        {
            writer.WriteStartObject("what");
            writer.WriteStartObject("identifier");
            writer.WriteString("system", "urn:ietf:rfc:3986");
            writer.WriteString("value", $"urn:uuid:{job}");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteStartArray("detail");
        writer.WriteStartObject();
        writer.WriteString("type", "detail");
        writer.WriteString("valueString", entry.Detail);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCoding(Utf8JsonWriter writer, string? name, string system, string code)
    {
        if (name is not null)
            writer.WriteStartObject(name);
        else
            writer.WriteStartObject();
        writer.WriteString("system", system);
        writer.WriteString("code", code);
        writer.WriteEndObject();
    }
}
