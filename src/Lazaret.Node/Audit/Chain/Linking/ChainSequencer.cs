using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Audit.Chain.Linking;

/// <summary>
/// Links committed entries where several transactions write at once, as on PostgreSQL. Each process hands over what it has committed itself, and
/// waits until that is linked; entries that gather while one round is under way are linked together by the next (group commit). One round at a
/// time, over all processes, by an advisory lock.
/// </summary>
internal sealed class ChainSequencer(IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, ILogger<ChainSequencer> logger) : IDisposable
{
    /// <summary>The number of the PostgreSQL advisory lock: "chain" in ASCII.</summary>
    public const long AdvisoryLock = 0x636861696e;

    private readonly Outage _linking = new(logger, "Audit entries are committed and not yet linked; the next round tries again");
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();

    // A connection of its own: those who wait for their links may hold all of the pool.
    private readonly Lazy<NpgsqlDataSource> _own = new(() =>
    {
        using var db = databases.CreateDbContext();
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()) { MinPoolSize = 0, MaxPoolSize = 1 });
    });

    private List<long> _waiting = [];
    private long _asked;
    private long _done;

    /// <summary>
    /// Waits until these committed entries are linked. If the database fails meanwhile, they are left to <see cref="SweepAsync"/>: they are
    /// committed, and their writer must not take them for lost.
    /// </summary>
    public async Task LinkAsync(IEnumerable<long> sequences)
    {
        long mine;
        lock (_lock)
        {
            _waiting.AddRange(sequences);
            mine = ++_asked;
        }

        await _turn.WaitAsync();
        try
        {
            // An earlier caller's round may have taken them along.
            if (_done >= mine)
                return;
            List<long> round;
            long asked;
            lock (_lock)
                (round, _waiting, asked) = (_waiting, [], _asked);
            _done = asked;
            await RoundAsync(round, CancellationToken.None);
            _linking.Passed();
        }
        catch (Exception e)
        {
            _linking.Failed(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Links the entries after this sequence whose writer was killed, or lost the database, before it could do so. Only those with a proof that a process of this state
    /// folder wrote them: what somebody inserted stays unlinked, and <c>lazaret audit verify</c> names it.
    /// </summary>
    /// <returns>How many were linked.</returns>
    public async Task<int> SweepAsync(long after, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (db is SqliteLazaretDb || keys.Find() is not { } key)
            return 0;
        var left = await LeftEntries.FindAsync(db, key, after, cancellationToken);
        if (left.Count > 0)
            await RoundAsync(left, cancellationToken);
        return left.Count;
    }

    public void Dispose()
    {
        _turn.Dispose();
        if (_own.IsValueCreated)
            _own.Value.Dispose();
    }

    private async Task RoundAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        foreach (var some in sequences.Order().Chunk(PostgresRound.Most))
        {
            if (await PostgresRound.LinkAsync(_own.Value, some, cancellationToken))
                continue;
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await using var writing = await db.BeginAloneAsync(AdvisoryLock, cancellationToken);
            await ChainWriter.LinkAsync(db, some, cancellationToken);
            await writing.CommitAsync(cancellationToken);
        }
    }
}
