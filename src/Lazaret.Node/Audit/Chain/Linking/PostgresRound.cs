using Npgsql;

namespace Lazaret.Node.Audit.Chain.Linking;

/// <summary>
/// A part of a round of the sequencer, in one message to the server and back: the server takes the lock, computes the hashes (<see cref="LinkHash"/>, in SQL),
/// inserts and commits. What is sent between two synchronizations is one transaction, and each statement in it sees what was committed before the statement.
/// </summary>
internal static class PostgresRound
{
    /// <summary>The recursion looks through all entries for each.</summary>
    public const int Most = 256;

    // The entries are on the disk. If it loses links of the last moment, they are made again. A checkpoint's commit waits for the disk, and with it
    // all that was committed before.
    private const string Begin = "SELECT set_config('synchronous_commit', 'off', true)";

    private const string Lock = "SELECT pg_advisory_xact_lock($1)";

    // Materialized: otherwise the recursion reads all entries from their table anew for each of them.
    private static readonly string Link =
        $"""
        WITH RECURSIVE entries AS MATERIALIZED (
            SELECT row_number() OVER (ORDER BY a."Sequence") AS n, a."Sequence" AS sequence,
                {Text("rtrim(rtrim(to_char(a.\"At\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.')")}
                || {Text("a.\"Actor\"")} || {Text("a.\"Action\"")} || {Text("upper(a.\"JobId\"::text)")} || {Text("a.\"Detail\"")} || {Bytes("a.\"Proof\"")} AS columns
            FROM "Audit" a WHERE a."Sequence" = ANY($1) AND NOT EXISTS (SELECT 1 FROM "AuditChain" c WHERE c."Sequence" = a."Sequence")),
        links AS (
            (SELECT 0::bigint AS n, "Number" AS number, 0::bigint AS sequence, "Previous" AS previous, "Hash" AS hash FROM "AuditChain" ORDER BY "Number" DESC LIMIT 1)
            UNION ALL
            SELECT e.n, l.number + 1, e.sequence, l.hash, sha256('\x01'::bytea || int8send(l.number + 1) || l.hash || int8send(e.sequence) || e.columns)
            FROM links l JOIN entries e ON e.n = l.n + 1 WHERE l.number > 0)
        INSERT INTO "AuditChain" ("Number", "Sequence", "Previous", "Hash") SELECT number, sequence, previous, hash FROM links WHERE n > 0
        """;

    /// <summary>False where not all of them were linked: some are already, or nothing is in the chain yet.</summary>
    public static async Task<bool> LinkAsync(NpgsqlDataSource database, IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Begin));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Lock) { Parameters = { new() { Value = ChainSequencer.AdvisoryLock } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Link) { Parameters = { new() { Value = sequences.ToArray() } } });
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return batch.BatchCommands[2].RecordsAffected == sequences.Count;
    }

    private static string Text(string column) => Bytes($"convert_to({column}, 'UTF8')");

    private static string Bytes(string column) => $"COALESCE(int4send(octet_length({column})) || {column}, int4send(-1))";
}
