using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// Links committed entries where several transactions write at once, as on PostgreSQL. Each process hands over what it has committed itself, and
/// waits until that is linked; entries that gather while one round is under way are linked together by the next (group commit). One round at a
/// time, over all processes, by an advisory lock.
/// </summary>
internal sealed partial class ChainSequencer(IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, ILogger<ChainSequencer> logger) : IDisposable
{
    /// <summary>The number of the PostgreSQL advisory lock: "chain" in ASCII.</summary>
    public const long AdvisoryLock = 0x636861696e;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();
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
        }
        catch (Exception e)
        {
            LogLeft(e);
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
        var left = await db.ReadEntriesAsync(
            """
            a."Sequence" > @after AND NOT EXISTS (SELECT 1 FROM "AuditChain" c WHERE c."Sequence" = a."Sequence")
            ORDER BY a."Sequence"
            """,
            cancellationToken,
            ("after", after));
        var proven = left.Where(key.HasProven).DistinctBy(entry => Convert.ToHexString(entry.Proof!)).ToDictionary(entry => entry.Sequence);
        foreach (var entry in proven.Values.ToList())
        {
            var (sequence, proof) = (entry.Sequence, entry.Proof!);
            if (await db.Audit.AnyAsync(other => other.Proof == proof && other.Sequence != sequence, cancellationToken))
                proven.Remove(sequence);
        }

        if (proven.Count > 0)
            await RoundAsync(proven.Keys, cancellationToken);
        return proven.Count;
    }

    public void Dispose() => _turn.Dispose();

    private async Task RoundAsync(IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var (last, entries) = await BeginAsync(db, sequences, cancellationToken);
        if (last is null or { Number: 0 })
            await ChainWriter.LinkAsync(db, sequences, cancellationToken);
        else
            await ChainWriter.AppendAsync(db, last, entries, cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    /// <summary>Takes the lock and reads the last link and these entries, in one message to the server and back: others wait for the lock meanwhile.</summary>
    private static async Task<(AuditLink? Last, List<StoredEntry> Entries)> BeginAsync(LazaretDb db, IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var batch = new NpgsqlBatch(connection, (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction())
        {
            BatchCommands =
            {
                // The disk has the entries. If it loses links of the last moment, they are made again. A checkpoint's commit waits for the disk, and
                // with it all that was committed before.
                new NpgsqlBatchCommand("SET LOCAL synchronous_commit = off"),
                new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)") { Parameters = { new() { Value = AdvisoryLock } } },
                new NpgsqlBatchCommand("""SELECT "Number", "Sequence", "Previous", "Hash" FROM "AuditChain" ORDER BY "Number" DESC LIMIT 1"""),
                new NpgsqlBatchCommand($"SELECT {StoredEntry.ColumnsOf(db)} FROM \"Audit\" a WHERE {ChainWriter.Unlinked("$1")}") { Parameters = { new() { Value = sequences.ToArray() } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var last = await reader.ReadAsync(cancellationToken)
            ? new AuditLink { Number = reader.GetInt64(0), Sequence = reader.GetInt64(1), Previous = (byte[])reader.GetValue(2), Hash = (byte[])reader.GetValue(3) }
            : null;
        await reader.NextResultAsync(cancellationToken);
        var entries = new List<StoredEntry>();
        while (await reader.ReadAsync(cancellationToken))
            entries.Add(StoredEntry.Read(reader, 0)!);
        return (last, entries);
    }

    [LoggerMessage(LogLevel.Warning, "Audit entries are committed and not yet linked; that is done when the database is back")]
    private partial void LogLeft(Exception exception);
}
