using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Health;

/// <summary>Whether the database is as this version's migrations make it. The whole comparison takes a while, and is made once a minute at most.</summary>
internal sealed class SchemaState(IDbContextFactory<LazaretDb> databases, SchemaCheck check, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _looking = new(1);
    private string? _fault;
    private long? _looked;

    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (here, ours) = ((await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal), db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal));
        if (!here.IsSubsetOf(ours))
            return "the database is of a later version of Lazaret: install that version";
        if (!ours.IsSubsetOf(here))
            return "the database is not up to date: run 'lazaret migrate'";
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (_looked is { } looked && time.GetElapsedTime(looked) < Fresh)
                return _fault;
            _fault = (await check.FaultsAsync(cancellationToken)) is [_, ..] faults ? $"the database {string.Join("; ", faults.Select(fault => fault.What))}: 'lazaret doctor' says more" : null;
            _looked = time.GetTimestamp();
            return _fault;
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();
}
