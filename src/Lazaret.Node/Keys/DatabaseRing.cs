using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Keys;

/// <summary>
/// The keys that the database was sealed with, one row for each key. The row is written before the first record is sealed under the key, so
/// that a ring without that key, or with another secret under the same id, is recognized as a wrong one.
/// </summary>
public sealed class DatabaseRing(IDbContextFactory<LazaretDb> databases, SealedRecords records, TimeProvider time)
{
    // The number of the PostgreSQL advisory lock: "keyring" in ASCII.
    private const long AdvisoryLock = 0x6b657972696e67;

    /// <summary>Whether this database never had a ring.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return !await db.KnownKeys.AnyAsync(cancellationToken) && !await records.AnyAsync(cancellationToken);
    }

    /// <summary>
    /// Makes the first ring of a database that never had one, whichever process comes first: the file, then the rows. A process that dies
    /// in between leaves a file whose ring the next start uses, for nothing is sealed before the rows are there.
    /// </summary>
    public async Task MakeFirstAsync(KeyFile file, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(AdvisoryLock, cancellationToken);
        if (!await IsNewAsync(cancellationToken))
            return;
        file.Make();
        Write(db, [], file.Read());
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Takes up a ring: writes its keys to the database and returns null, or returns why the ring is not this database's.
    /// <list type="number">
    /// <item>Look whether the rows say the same already, as they mostly do.</item>
    /// <item>Look whether anything would be lost with this ring.</item>
    /// <item>Write the rows, unless another process has changed them meanwhile: then look again.</item>
    /// </list>
    /// </summary>
    /// <param name="place">Where the ring was read, for the messages.</param>
    /// <param name="isNew">Whether its primary is new to this process. Only then is another primary in the rows by itself a reason to write.</param>
    public async Task<string?> TakeUpAsync(KeyRing ring, string place, bool isNew, CancellationToken cancellationToken)
    {
        while (true)
        {
            // 1. Look whether the rows say the same already.
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var known = await db.KnownKeys.AsNoTracking().ToListAsync(cancellationToken);
            if (IsSame(known, ring) && (!isNew || known.Where(key => key.IsPrimary).Select(key => key.Id).SequenceEqual([ring.Primary.Id])))
                return null;

            // 2. Look whether anything would be lost. It may read the whole table, so it runs outside the writing transaction.
            if (await FaultAsync(known, ring, place, cancellationToken) is { } fault)
                return fault;

            // 3. Write the rows.
            await using var writing = await db.BeginAloneAsync(AdvisoryLock, cancellationToken);
            var now = await db.KnownKeys.ToListAsync(cancellationToken);
            if (!now.Select(Row).Order().SequenceEqual(known.Select(Row).Order()))
                continue;
            Write(db, now, ring);
            await db.SaveChangesAsync(cancellationToken);
            await writing.CommitAsync(cancellationToken);
            return null;
        }

        static (string, string, bool) Row(KnownKey key) => (key.Id, key.Fingerprint, key.IsPrimary);
    }

    /// <summary>Why this ring is not this database's; null when it is. Writes nothing.</summary>
    public async Task<string?> FaultAsync(KeyRing ring, string place, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await FaultAsync(await db.KnownKeys.AsNoTracking().ToListAsync(cancellationToken), ring, place, cancellationToken);
    }

    /// <summary>What to do where the ring is gone; null when this database never had one.</summary>
    public async Task<string?> CureAsync(string place, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.KnownKeys.AsNoTracking().ToListAsync(cancellationToken);
        if (known.Find(key => key.IsPrimary) is { } primary)
            return $"this database was sealed under key {primary}: {Cure(place)}";
        return await records.AnyAsync(cancellationToken) ? $"this database holds sealed records: {Cure(place)}" : null;
    }

    private async Task<string?> FaultAsync(List<KnownKey> known, KeyRing ring, string place, CancellationToken cancellationToken)
    {
        if (known.Count == 0)
            return await FirstFaultAsync(ring, place, cancellationToken);
        foreach (var key in known)
        {
            if (ring.Find(key.Id) is { } given)
            {
                if (given.Fingerprint() != key.Fingerprint)
                    return $"key {key.Id} in {place} has the fingerprint {given.Fingerprint()}, and this database was sealed under key {key}: {Cure(place)}";
            }
            else if (key.IsPrimary || await records.AnyUnderAsync(key.Id, cancellationToken))
            {
                return $"the key ring in {place} lacks a key that this database was sealed under, {key}: {Cure(place)}";
            }
        }

        return null;
    }

    // An earlier version of Lazaret wrote no rows. Then the records themselves show which keys they need.
    private async Task<string?> FirstFaultAsync(KeyRing ring, string place, CancellationToken cancellationToken)
    {
        if (await records.CountLostAsync(ring, cancellationToken) is var lost and > 0)
            return $"{lost} records of this database lie under keys that are not in {place}: {Cure(place)}";
        foreach (var key in ring.Keys)
        {
            if (!await records.OpensAsync(key, cancellationToken))
                return $"key {key.Id} in {place} does not open the records that lie under a key of that name: {Cure(place)}";
        }

        return null;
    }

    private static string Cure(string place) => $"put the copy of its key ring back ({place})";

    private static bool IsSame(List<KnownKey> known, KeyRing ring) =>
        known.Count == ring.Keys.Count && known.TrueForAll(key => ring.Find(key.Id)?.Fingerprint() == key.Fingerprint);

    private void Write(LazaretDb db, List<KnownKey> known, KeyRing ring)
    {
        var now = time.GetUtcNow();
        foreach (var key in ring.Keys.Where(key => known.TrueForAll(other => other.Id != key.Id)))
        {
            var added = KnownKey.Of(key, now);
            db.KnownKeys.Add(added);
            known.Add(added);
        }

        // No record is sealed under these keys any more: step 2 has checked that.
        db.KnownKeys.RemoveRange(known.Where(key => ring.Find(key.Id) is null));
        foreach (var key in known)
            key.IsPrimary = key.Id == ring.Primary.Id;
    }
}
