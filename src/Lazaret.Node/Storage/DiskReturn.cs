using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Storage;

/// <summary>Gives room that a database no longer needs back to the disk.</summary>
internal sealed class DiskReturn(IDbContextFactory<LazaretDb> databases)
{
    /// <summary>A write-ahead log beyond this is written back at the next look.</summary>
    private const long LargestLog = 32L << 20;

    private const int Incremental = 2;

    // Free pages that stay for what comes next, and how many are given back in one transaction: writers wait meanwhile.
    private const int Kept = 256;
    private const int Step = 500;

    /// <summary>
    /// Called after deletions, while nodes run. SQLite: incremental vacuum, if the file was created with it or 'lazaret compact' has run. PostgreSQL: VACUUM of the
    /// payloads.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (db is not SqliteLazaretDb)
        {
            db.Database.SetCommandTimeout(TimeSpan.Zero);
            await db.Database.ExecuteSqlRawAsync("VACUUM \"Payloads\"", cancellationToken);
            return;
        }

        if (await ReadAsync(db, "auto_vacuum", cancellationToken) == Incremental)
        {
            for (long before = long.MaxValue; await ReadAsync(db, "freelist_count", cancellationToken) is var free && free > Kept && free < before; before = free)
            {
                // Otherwise this would take the turn of the writers in other contexts, who then sleep until they try again.
                await using (var writing = await db.BeginWritingAsync(cancellationToken))
                {
                    await VacuumAsync(db, cancellationToken);
                    await writing.CommitAsync(cancellationToken);
                }
            }
        }

        // The write-ahead log still holds the old bytes; this empties it.
        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    /// <summary>
    /// Rewrites the database without free space (VACUUM). SQLite: the whole file, which from then on shrinks by itself. PostgreSQL: VACUUM FULL of the payloads, which locks
    /// them; the other tables get a plain VACUUM.
    /// </summary>
    /// <exception cref="MissingException">Others write to SQLite's file all the time.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (db is not SqliteLazaretDb)
        {
            db.Database.SetCommandTimeout(TimeSpan.Zero);
            await db.Database.ExecuteSqlRawAsync("VACUUM (FULL, ANALYZE) \"Payloads\"", cancellationToken);
            await db.Database.ExecuteSqlRawAsync("VACUUM (ANALYZE)", cancellationToken);
            return;
        }

        try
        {
            await db.Database.ExecuteSqlRawAsync($"PRAGMA auto_vacuum = {Incremental}", cancellationToken);
            await db.Database.ExecuteSqlRawAsync("VACUUM", cancellationToken);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
        {
            throw new MissingException("the database is in use: stop the node for this, or try again when it has less to do");
        }

        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    /// <summary>How large it is, in bytes.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return db is SqliteLazaretDb { File: var file }
            ? ((string[])[file, $"{file}-wal"]).Select(path => new FileInfo(path)).Where(info => info.Exists).Sum(info => info.Length)
            : (await db.Database.SqlQuery<long>($"SELECT pg_database_size(current_database()) AS \"Value\"").ToListAsync(cancellationToken))[0];
    }

    /// <summary>
    /// SQLite restarts its write-ahead log only when no reader uses it. Under load the automatic checkpoints may never find such a moment, and the log grows. This checkpoint
    /// does not wait either, but makes writers restart the log as soon as the present readers have finished.
    /// </summary>
    public async Task BoundLogAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (db is not SqliteLazaretDb { File: var file } || new FileInfo($"{file}-wal") is not { Exists: true, Length: > LargestLog })
            return;
        await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    private static async Task VacuumAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // It gives back a page with each row that is read.
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA incremental_vacuum({Step})";
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
        }
    }

    private static async Task<long> ReadAsync(LazaretDb db, string pragma, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
