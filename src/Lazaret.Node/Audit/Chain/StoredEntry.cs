using System.Data.Common;
using System.Globalization;
using System.Text;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// An entry as the database holds it, column by column in bytes. What is hashed is what is stored, not what it means: SQLite reads
/// the same instant or the same id from several spellings.
/// </summary>
/// <param name="Sequence">Its key.</param>
/// <param name="Columns">At, Actor, Action, JobId, Detail, Proof; null where there is no value.</param>
internal sealed record StoredEntry(long Sequence, IReadOnlyList<byte[]?> Columns)
{
    /// <summary>How many columns of a query <see cref="ColumnsOf"/> takes.</summary>
    public const int Count = 8;

    private const int ActionColumn = 2;
    private const int DetailColumn = 4;
    private const int ProofColumn = 5;

    // The spelling that SQLite's rows have. PostgreSQL stores numbers, which are spelled in the same way here.
    private const string Instant = "yyyy-MM-dd HH:mm:ss.FFFFFFF";

    // A value of another type than the column's can have the same bytes.
    private const string AsWritten =
        "typeof(a.At) = 'text' AND typeof(a.Actor) = 'text' AND typeof(a.Action) = 'text' AND typeof(a.JobId) IN ('text', 'null') "
        + "AND typeof(a.Detail) = 'text' AND typeof(a.Proof) IN ('blob', 'null')";

    /// <summary>Its columns but the proof: what the proof is over.</summary>
    public IEnumerable<byte[]?> Proven => Columns.Take(ProofColumn);

    public ReadOnlySpan<byte> Action => Columns[ActionColumn];

    public ReadOnlySpan<byte> Detail => Columns[DetailColumn];

    public byte[]? Proof => Columns[ProofColumn];

    /// <summary>For a query over the table of entries under the name <c>a</c>.</summary>
    public static string ColumnsOf(LazaretDb db) => db is SqliteLazaretDb
        ? $"a.Sequence, {AsWritten}, CAST(a.At AS BLOB), CAST(a.Actor AS BLOB), CAST(a.Action AS BLOB), CAST(a.JobId AS BLOB), CAST(a.Detail AS BLOB), a.Proof"
        : """a."Sequence", true, a."At", a."Actor", a."Action", a."JobId", a."Detail", a."Proof" """;

    /// <summary>Reads what <see cref="ColumnsOf"/> asked for; null where there is no such entry, or it was not written by the node.</summary>
    public static StoredEntry? Read(DbDataReader reader, int first)
    {
        try
        {
            return reader.IsDBNull(first) || !reader.GetBoolean(first + 1)
                ? null
                : new StoredEntry(reader.GetInt64(first), [.. Enumerable.Range(first + 2, Count - 2).Select(column => Bytes(reader, column))]);
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException or ArgumentException)
        {
            // PostgreSQL has instants that .NET has not, like infinity.
            return null;
        }
    }

    /// <summary>The columns that an entry will have on PostgreSQL, but the proof.</summary>
    public static IEnumerable<byte[]?> Of(AuditEntry entry) =>
        [Bytes(entry.At.UtcDateTime), Bytes(entry.Actor), Bytes(entry.Action.ToString()), entry.JobId is { } job ? Bytes(job) : null, Bytes(entry.Detail)];

    private static byte[]? Bytes(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : Bytes(reader.GetValue(column));

    private static byte[] Bytes(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        DateTime instant => Encoding.ASCII.GetBytes(instant.ToString(Instant, CultureInfo.InvariantCulture)),
        Guid id => Encoding.ASCII.GetBytes(id.ToString().ToUpperInvariant()),
        _ => throw new InvalidCastException($"no column of the audit is a {value.GetType().Name}"),
    };
}
