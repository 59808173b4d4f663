using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Keys;

/// <summary>The sealed records of the database, and the keys that they are sealed under.</summary>
public sealed class SealedRecords(IDbContextFactory<LazaretDb> databases, RecordSeal seal)
{
    private const int Round = 256;
    private const int Tried = 16;

    /// <summary>The records that lie under another key than this one.</summary>
    public async Task<long> CountNotUnderAsync(string key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var count = 0L;
        foreach (var table in db.SealedTables)
            count += await NotUnder(table, key).LongCountAsync(cancellationToken);
        return count;
    }

    /// <summary>The records that no key of this ring opens; all of them when there is none.</summary>
    public async Task<long> CountLostAsync(KeyRing? ring, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var count = 0L;
        foreach (var table in db.SealedTables)
            count += await (ring?.Keys ?? []).Aggregate(table, (records, key) => NotUnder(records, key.Id)).LongCountAsync(cancellationToken);
        return count;
    }

    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var table in db.SealedTables)
        {
            if (await table.AnyAsync(cancellationToken))
                return true;
        }

        return false;
    }

    /// <summary>Whether any record lies under this key.</summary>
    public async Task<bool> AnyUnderAsync(string key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var table in db.SealedTables)
        {
            if (await Under(table, key).AnyAsync(cancellationToken))
                return true;
        }

        return false;
    }

    /// <summary>Whether the records that name this key were sealed under its secret: one that opens is enough. Also true when no record names the key.</summary>
    public async Task<bool> OpensAsync(RingKey key, CancellationToken cancellationToken)
    {
        var found = false;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var table in db.SealedTables)
        {
            // Several: the first may be damaged.
            await foreach (var record in Under(table, key.Id).AsNoTracking().Take(Tried).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (RecordSeal.Opens(key, record.Content, record.Place))
                    return true;
                found = true;
            }
        }

        return !found;
    }

    /// <summary>Seals every record anew that does not lie under the primary key, each in a transaction of its own: it may be stopped at any time.</summary>
    /// <param name="primary">The primary key's id.</param>
    /// <param name="progress">Called after each.</param>
    /// <returns>The records that could not be opened, and why.</returns>
    public async Task<IReadOnlyList<SealException>> ResealAsync(string primary, Action progress, CancellationToken cancellationToken)
    {
        var unopened = new Dictionary<RecordPlace, SealException>();
        var done = 0L;
        await using var reading = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var table in reading.SealedTables)
        {
            // In rounds: as long as one query reads, SQLite cannot move its write-ahead log back into the database's file.
            long before;
            do
            {
                before = done;
                var round = NotUnder(table, primary).AsNoTracking().Take(Round + unopened.Count).AsAsyncEnumerable();
                await foreach (var record in round.WithCancellation(cancellationToken))
                {
                    if (unopened.ContainsKey(record.Place))
                        continue;
                    try
                    {
                        await ResealAsync(record, cancellationToken);
                        progress();
                        done++;
                    }
                    catch (SealException e)
                    {
                        unopened.Add(record.Place, e);
                    }
                }
            }
            while (done > before);
        }

        return [.. unopened.Values];
    }

    private async Task ResealAsync(ISealedRecord record, CancellationToken cancellationToken)
    {
        await using var writing = await databases.CreateDbContextAsync(cancellationToken);
        writing.Attach(record).Property(nameof(ISealedRecord.Content)).CurrentValue = seal.Seal(seal.Open(record.Content, record.Place), record.Place);
        try
        {
            await writing.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // It has expired meanwhile.
        }
    }

    private static IQueryable<ISealedRecord> Under(IQueryable<ISealedRecord> records, string key)
    {
        var header = RecordSeal.Header(key);
        return records.Where(record => LazaretDb.Slice(record.Content, 1, header.Length) == header);
    }

    private static IQueryable<ISealedRecord> NotUnder(IQueryable<ISealedRecord> records, string key)
    {
        var header = RecordSeal.Header(key);
        return records.Where(record => LazaretDb.Slice(record.Content, 1, header.Length) != header);
    }
}
