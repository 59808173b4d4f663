using System.Globalization;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Health;

/// <summary>Looks at a database that answers: whether it takes what the node writes, and what time it is there.</summary>
internal sealed class DatabaseProbe(TimeProvider time)
{
    private ulong _file;

    public async Task<Seen> LookAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        if (db is not SqliteLazaretDb { File: var file })
            return await LookAtServerAsync(db, cancellationToken);
        return FaultOfFile(file) is { } fault ? new Seen(fault, TimeSpan.Zero) : new Seen(Fault: null, await BehindAsync(db, cancellationToken));
    }

    /// <summary>What to say of a database that does not answer as it should. A server's own words tell a wrong password from a server that is not there.</summary>
    public static string WordsOf(Exception fault) => fault switch
    {
        PostgresException refusal => $"the database's server refuses: {refusal.MessageText} ({refusal.SqlState})",
        SqliteException damage => $"the database cannot be read: {damage.Message}",
        { InnerException: { } cause } => WordsOf(cause),
        _ => "the database does not answer",
    };

    /// <summary>SQLite goes on with the file that it opened, whatever lies at its path by now.</summary>
    private string? FaultOfFile(string path)
    {
        if (FileStamp.Of(path) is not { Inode: var now })
        {
            if (IsHidden(path))
                return $"{path} cannot be looked at: a folder on the way lets this user in no longer: 'lazaret doctor' says whose it is";
            return $"{path} is gone: what this node writes now goes into a file without a name, and is lost when it ends: put the file back, with all that lay beside it";
        }

        if (Interlocked.CompareExchange(ref _file, now, 0) is var opened && (opened == 0 || opened == now))
            return FaultOfRights(path);
        return $"{path} is another file than the one that this node opened, and what it writes now is lost when it ends: put the other one back, or start the node again";
    }

    // SQLite writes all three, and makes the two others with the rights of the first. It is asked of the kernel: closing a file of SQLite's would end its locks.
    private static string? FaultOfRights(string path) => new[] { path, $"{path}-wal", $"{path}-shm" }.FirstOrDefault(AccessRight.IsWriteRefused) is { } refused
        ? $"{refused} may not be written by user {LinuxCalls.User}, as whom this runs, so that nothing is admitted: chmod u+rw {path}*"
        : null;

    private static bool IsHidden(string path)
    {
        try
        {
            File.GetAttributes(path);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // By what the database knows of the time: nothing was written later than now.
    private async Task<TimeSpan> BehindAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var last = await db.Audit.AsNoTracking().OrderByDescending(entry => entry.Sequence).Select(entry => (DateTimeOffset?)entry.At).FirstOrDefaultAsync(cancellationToken);
        return last is { } at && time.GetUtcNow() - at is var since && since < TimeSpan.Zero ? since : TimeSpan.Zero;
    }

    private async Task<Seen> LookAtServerAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var asked = time.GetUtcNow();
        var answer = await db.Database.SqlQuery<string>(
            $"SELECT current_setting('transaction_read_only') || ' ' || (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS \"Value\"").SingleAsync(cancellationToken);
        var answered = time.GetUtcNow();
        var (isReadOnly, theirs) = (answer.StartsWith("on ", StringComparison.Ordinal), DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture)));
        // What a server or a role is set to counts for new sessions alone: the next look has one.
        if (isReadOnly)
            NpgsqlConnection.ClearPool((NpgsqlConnection)db.Database.GetDbConnection());
        return new Seen(
            isReadOnly ? $"the database's server takes no writes: it is a standby, or default_transaction_read_only is on: {DatabaseWords.TakeWrites}" : null,
            // It is some instant between the two: on a busy machine they are far apart.
            theirs < asked ? asked - theirs : theirs > answered ? answered - theirs : TimeSpan.Zero);
    }

    /// <summary>What was found.</summary>
    /// <param name="Fault">Why what is written would be lost, or is not taken; null otherwise.</param>
    /// <param name="Skew">By how much this machine's clock is before the database's: negative where it is behind.</param>
    internal sealed record Seen(string? Fault, TimeSpan Skew);
}
