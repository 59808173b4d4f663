using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain.Archives;

/// <summary>Copies the audit with its chain into files that can be verified without the database, each by itself and all together.</summary>
internal sealed class ChainArchive(IDbContextFactory<LazaretDb> databases, AuditLog audit, Checkpoints checkpoints)
{
    // One query per page: a reader that stays open for minutes would keep SQLite's log from being written back.
    private const int Page = 2000;

    /// <summary>Adds what is new since the last part in the folder, in parts of at least this size but the last. Returns their paths.</summary>
    /// <exception cref="InputException">The folder does not hold parts of this chain.</exception>
    public async Task<IReadOnlyList<string>> AddAsync(string folder, long bytes, CancellationToken cancellationToken)
    {
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder, Linux.OwnFile.FolderMode);
        try
        {
            return await AddPartsAsync(folder, bytes, cancellationToken);
        }
        catch when (isNew && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            // Nothing came of it: an empty folder would look like an archive.
            Directory.Delete(folder);
            throw;
        }
    }

    private async Task<IReadOnlyList<string>> AddPartsAsync(string folder, long bytes, CancellationToken cancellationToken)
    {
        if (ArchivePart.In(folder) is [.., var newest])
            await RequireSameChainAsync(folder, newest.Path, newest.Last, cancellationToken);
        await audit.WriteAsync(AuditAction.AuditRead, AuditEntry.Operator, new() { ["format"] = "archive" }, cancellationToken);
        // All of it is signed then.
        await checkpoints.SignAsync(now: true, cancellationToken);
        var next = ArchivePart.In(folder) is [.., var (_, _, last)] ? last + 1 : 1;
        var written = new List<string>();
        ArchivePart? part = null;
        try
        {
            while (await ReadAsync(next, cancellationToken) is { Count: > 0 } page)
            {
                var signed = await SignedAsync(page[0].Link.Number, page[^1].Link.Number, cancellationToken);
                foreach (var (link, entry) in page)
                {
                    if (link.Number != next || entry is null)
                        throw new InputException($"the chain is broken at link {next}: 'lazaret audit verify' says more");
                    // After a part has ended, the next begins with the hash that it ended with.
                    part ??= await ArchivePart.BeginAsync(folder, next, link.Previous, cancellationToken);
                    await part.AddAsync(ArchivedLink.Of(link, entry), cancellationToken);
                    next++;
                    if (!signed.TryGetValue(link.Number, out var checkpoint))
                        continue;
                    await part.AddAsync(checkpoint, cancellationToken);
                    if (part.SignedBytes >= bytes)
                        await EndAsync();
                }
            }

            if (part is not null)
                await EndAsync();
            return written;
        }
        finally
        {
            if (part is not null)
                await part.DisposeAsync();
        }

        async Task EndAsync()
        {
            if (await part.EndAsync(cancellationToken) is { } path)
                written.Add(path);
            await part.DisposeAsync();
            part = null;
        }
    }

    /// <summary>What is added to an archive must follow what is in it.</summary>
    private async Task RequireSameChainAsync(string folder, string newest, long last, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var link = await db.AuditChain.AsNoTracking().SingleOrDefaultAsync(one => one.Number == last, cancellationToken);
        // What is written ends with the signature of its last link. After a part that was cut, the next one would follow a link that the archive does not hold.
        if (CheckpointText.Read(File.ReadLines(newest).LastOrDefault() ?? "") is not { } end || end.Number != last)
            throw new InputException($"{newest}: does not end as it was written: it was cut or changed since. The database has all of it still: move the file away, and archive again");
        if (link is null || !link.Hash.AsSpan().SequenceEqual(end.Hash))
            throw new InputException($"{folder}: holds parts up to link {last} of another chain, of another node or from before a restore: archive into a new folder, and keep this one");
    }

    private async Task<List<(AuditLink Link, StoredEntry? Entry)>> ReadAsync(long from, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var command = await db.CommandAsync(
            $"""
            SELECT c."Number", c."Sequence", c."Previous", c."Hash", {StoredEntry.ColumnsOf(db)}
            FROM "AuditChain" c LEFT JOIN "Audit" a ON a."Sequence" = c."Sequence" WHERE c."Number" >= @from ORDER BY c."Number" LIMIT {Page}
            """,
            cancellationToken,
            ("@from", from));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<(AuditLink, StoredEntry?)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add((
                new AuditLink { Number = reader.GetInt64(0), Sequence = reader.GetInt64(1), Previous = (byte[])reader.GetValue(2), Hash = (byte[])reader.GetValue(3) },
                StoredEntry.Read(reader, 4)));
        }

        return page;
    }

    private async Task<Dictionary<long, AuditCheckpoint>> SignedAsync(long first, long last, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.AuditCheckpoints.AsNoTracking().Where(checkpoint => checkpoint.Number >= first && checkpoint.Number <= last)
            .ToDictionaryAsync(checkpoint => checkpoint.Number, cancellationToken);
    }
}
