using System.Buffers;
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

    /// <returns>The entries that cannot be read, as somebody who changed the database may leave them: of them only the number is printed, and in FHIR nothing.</returns>
    public async Task<IReadOnlyList<long>> WriteAsync(Stream output, AuditFormat format, AuditSelection selection, CancellationToken cancellationToken)
    {
        var unreadable = new List<long>();
        await audit.WriteAsync(AuditAction.AuditRead, AuditEntry.Operator, selection.Describe(format.ToString().ToLowerInvariant()), cancellationToken);
        for (long after = 0; await ReadAsync(selection, after, cancellationToken) is [.., var last] page; after = last.Sequence)
        {
            foreach (var (sequence, entry) in page)
            {
                if (TryWrite(format, entry) is not { } line)
                {
                    unreadable.Add(sequence);
                    // It would be a line that is no FHIR resource.
                    if (format == AuditFormat.Fhir)
                        continue;
                    line = Unreadable(sequence);
                }

                await output.WriteAsync(line, cancellationToken);
                output.WriteByte((byte)'\n');
            }
        }

        return unreadable;
    }

    private async Task<IReadOnlyList<(long Sequence, AuditEntry? Entry)>> ReadAsync(AuditSelection selection, long after, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await AuditReading.ReadAsync(selection.Of(db.Audit.AsNoTracking()).Where(entry => entry.Sequence > after).OrderBy(entry => entry.Sequence).Take(Page), cancellationToken);
    }

    private byte[]? TryWrite(AuditFormat format, AuditEntry? entry)
    {
        try
        {
            return entry is null ? null : format == AuditFormat.Fhir ? ToEvent(entry).ToJson() : ToLine(entry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Unreadable(long sequence) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["sequence"] = sequence, ["unreadable"] = true });

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

    private static byte[] ToLine(AuditEntry entry)
    {
        var line = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(line);
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
        writer.Flush();
        return line.WrittenSpan.ToArray();
    }
}
