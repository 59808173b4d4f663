using System.Data.Common;
using System.Runtime.CompilerServices;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Audit.Chain.Linking;

/// <summary>
/// Links every audit entry that this process writes, whatever code writes it. On SQLite, where there is one writing transaction at a time, in the transaction that writes them.
/// On PostgreSQL right after its commit, and the writer goes on once they are linked.
/// </summary>
internal sealed class ChainInterceptor(IServiceProvider services) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<DbContext, List<AuditEntry>> _saving = [];

    // By the id that EF Core gives a transaction: contexts and Npgsql's transaction objects are used again.
    private readonly ConditionalWeakTable<DbContext, Uncommitted> _uncommitted = [];

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is LazaretDb db && db.ChangeTracker.Entries<AuditEntry>().Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity).ToList() is [_, ..] entries)
        {
            // Resolved late: making the database's options makes this interceptor.
            if (services.GetRequiredService<SigningKeyFile>().Find() is { } key)
                entries.ForEach(entry => entry.ProveBy(key.Prove));
            _saving.AddOrUpdate(db, entries);
        }

        return ValueTask.FromResult(result);
    }

    public override async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not LazaretDb db || !_saving.TryGetValue(db, out var entries))
            return result;
        _saving.Remove(db);
        List<long> sequences = [.. entries.Select(entry => entry.Sequence)];
        if (db is SqliteLazaretDb)
            await ChainWriter.LinkAsync(db, sequences, cancellationToken);
        else if (db.Database.CurrentTransaction is { } transaction)
            Keep(db, transaction.TransactionId, sequences);
        else
            await services.GetRequiredService<ChainSequencer>().LinkAsync(sequences);
        return result;
    }

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db)
            _saving.Remove(db);
        return Task.CompletedTask;
    }

    public async Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not { } db || !_uncommitted.TryGetValue(db, out var uncommitted))
            return;
        _uncommitted.Remove(db);
        if (uncommitted.Transaction == eventData.TransactionId)
            await services.GetRequiredService<ChainSequencer>().LinkAsync(uncommitted.Sequences);
    }

    private void Keep(LazaretDb db, Guid transaction, List<long> sequences)
    {
        if (_uncommitted.TryGetValue(db, out var earlier) && earlier.Transaction == transaction)
            earlier.Sequences.AddRange(sequences);
        else
            _uncommitted.AddOrUpdate(db, new Uncommitted(transaction, sequences));
    }

    private sealed record Uncommitted(Guid Transaction, List<long> Sequences);
}
