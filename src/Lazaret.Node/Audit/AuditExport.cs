using System.Text.Json;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

/// <summary>Prints the audit.</summary>
internal sealed class AuditExport(IDbContextFactory<LazaretDb> databases, AuditLog audit, SiteOptions site)
{
    // One query per page: a reader that stays open for minutes would keep SQLite's log from being written back.
    private const int Page = 2000;

    public async Task WriteAsync(Stream output, AuditFormat format, AuditSelection selection, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditAction.AuditRead, AuditEntry.Operator, selection.Describe(format.ToString().ToLowerInvariant()), cancellationToken);
        await using var writer = new Utf8JsonWriter(output);
        for (long after = 0; await ReadAsync(selection, after, cancellationToken) is [.., var last] page; after = last.Sequence)
            await WriteAsync(output, writer, format, page, cancellationToken);
    }

    private async Task<List<AuditEntry>> ReadAsync(AuditSelection selection, long after, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await selection.Of(db.Audit.AsNoTracking()).Where(entry => entry.Sequence > after).OrderBy(entry => entry.Sequence).Take(Page).ToListAsync(cancellationToken);
    }

    private async Task WriteAsync(Stream output, Utf8JsonWriter writer, AuditFormat format, List<AuditEntry> page, CancellationToken cancellationToken)
    {
        foreach (var entry in page)
        {
            if (format == AuditFormat.Fhir)
            {
                await output.WriteAsync(ToEvent(entry).ToJson(), cancellationToken);
            }
            else
            {
                WriteEntry(writer, entry);
                await writer.FlushAsync(cancellationToken);
                writer.Reset();
            }

            output.WriteByte((byte)'\n');
        }
    }

    private AuditEvent ToEvent(AuditEntry entry) => new(
        entry.Sequence,
        entry.At,
        Name(entry.Action),
        entry.Actor,
        IsRequestor: entry.Actor != AuditEntry.Node && !entry.Actor.StartsWith(AuditEntry.OperatorBegin + ":", StringComparison.Ordinal) && entry.Actor != AuditEntry.OperatorBegin,
        Succeeded: entry.Action is not (AuditAction.RequestRefused or AuditAction.RunFailed or AuditAction.RunLost or AuditAction.AuthenticationRefused or AuditAction.AccessRefused),
        site.Name,
        entry.JobId,
        entry.Detail);

    internal static string Name(AuditAction action) => JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString());

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
}
