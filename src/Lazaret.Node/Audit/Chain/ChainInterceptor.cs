using System.Data.Common;
using System.Runtime.CompilerServices;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// Links whatever entries are written, by whom ever. On SQLite, where there is one writing transaction at a time, in the transaction that writes them.
/// On PostgreSQL right after its commit, and the writer goes on once they are linked.
/// </summary>
internal sealed class ChainInterceptor(IServiceProvider services) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<DbContext, List<AuditEntry>> _saving = [];
    private readonly ConditionalWeakTable<DbTransaction, List<long>> _uncommitted = [];

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is LazaretDb db && db.ChangeTracker.Entries<AuditEntry>().Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity).ToList() is [_, ..] entries)
        {
            // Resolved late: making the database's options makes this interceptor.
            if (db is not SqliteLazaretDb && services.GetRequiredService<SigningKeyFile>().Find() is { } key)
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
            _uncommitted.GetOrCreateValue(transaction.GetDbTransaction()).AddRange(sequences);
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
        if (!_uncommitted.TryGetValue(transaction, out var sequences))
            return;
        _uncommitted.Remove(transaction);
        await services.GetRequiredService<ChainSequencer>().LinkAsync(sequences);
    }
}
