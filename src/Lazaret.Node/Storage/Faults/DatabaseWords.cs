using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Lazaret.Node.Storage.Faults;

/// <summary>What a database or its driver says of a fault. EF Core wraps it in exceptions whose messages only say that there is another one inside.</summary>
internal static class DatabaseWords
{
    public static string Of(Exception fault)
    {
        while (IsWrapper(fault) && fault.InnerException is { } inner)
            fault = inner;
        // Npgsql says where it could not connect to, and the socket says why.
        return fault is NpgsqlException and not PostgresException && fault.InnerException is SocketException or IOException or TimeoutException
            && !fault.Message.Contains(fault.InnerException.Message, StringComparison.Ordinal)
            ? $"{fault.Message}: {fault.InnerException.Message}"
            : fault.Message;
    }

    /// <summary>What mends a fault that a database names by its code, or a full disk, in words after a colon; null where nothing more is known.</summary>
    public static string? MendOf(Exception fault)
    {
        while (fault is not (SqliteException or PostgresException) && fault.InnerException is { } inner)
            fault = inner;
        if (fault is PostgresException refusal)
            return MendOf(refusal.SqlState);
        return fault is SqliteException { SqliteErrorCode: var code } ? code switch
        {
            // https://www.sqlite.org/rescode.html
            10 or 13 => "the disk is full or fails, and the database itself need not be damaged: make room (df -h, df -i), and look at the machine's log (dmesg)",
            8 or 14 => "it may not be opened or written: see whose it is, and that its owner may write it and what lies beside it (ls -l; chmod u+rw lazaret.db*), and whether its disk is mounted for writing",
            11 or 26 => $"it is damaged, or no database: {Replace}",
            _ => null,
        } : IsFullDisk(fault) ? "make room on the disk of what is written (df -h, df -i)" : null;
    }

    // https://www.postgresql.org/docs/15/errcodes-appendix.html
    private static string? MendOf(string state) => state switch
    {
        "28P01" or "28000" => "set user and password in ConnectionStrings:Lazaret, or give the user that password on the server: ALTER ROLE … PASSWORD",
        "53300" => "the server has no connection to give: end what holds them (select * from pg_stat_activity), or raise max_connections or the role's CONNECTION LIMIT",
        "3D000" => "make the database on the server (createdb -O ROLE NAME), and put a backup in it: lazaret restore FILE",
        "25006" => $"the server takes no writes: {TakeWrites}",
        "53100" => "make room on the disk of the database's server (df -h, df -i there)",
        "57014" => "the server ended a statement that took longer than it allows (statement_timeout): ALTER ROLE … RESET statement_timeout, and the same of the database",
        "57P03" => "the server starts or stops: wait, and look at its log (journalctl -u postgresql)",
        "42501" => "the role may not do that: make it the owner of the database, and of the tables in it (ALTER DATABASE … OWNER TO …; and in that database, for the role that has the tables: REASSIGN OWNED BY … TO …)",
        _ => null,
    };

    /// <summary>Whether a disk that was written to had no room: a database's, or one of ours.</summary>
    public static bool IsFullDisk(Exception fault)
    {
        const int SqliteFull = 13, NoSpace = 28;
        return fault is SqliteException { SqliteErrorCode: SqliteFull } or PostgresException { SqlState: PostgresErrorCodes.DiskFull } or IOException { HResult: NoSpace }
            || (fault.InnerException is { } inner && IsFullDisk(inner));
    }

    /// <summary>Whether SQLite finds its file damaged: it does not mend itself.</summary>
    public static bool IsDamage(Exception fault)
    {
        const int Corrupt = 11, NoDatabase = 26;
        for (var at = fault; at is not null; at = at.InnerException)
        {
            if (at is SqliteException { SqliteErrorCode: Corrupt or NoDatabase })
                return true;
        }

        return false;
    }

    /// <summary>What makes a PostgreSQL server take writes again.</summary>
    public const string TakeWrites = "set ConnectionStrings:Lazaret to the primary server; on the primary itself: ALTER ROLE … RESET default_transaction_read_only, and the same of the database";

    /// <summary>What mends a database that SQLite finds wrong.</summary>
    public const string Replace = "put a backup in its place: lazaret restore --force FILE";

    private static bool IsWrapper(Exception fault) => fault is DbUpdateException or RetryLimitExceededException or AggregateException
        or InvalidOperationException { InnerException: DbException or SocketException or TimeoutException or DbUpdateException };
}
