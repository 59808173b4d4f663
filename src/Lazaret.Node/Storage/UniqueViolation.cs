using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Storage;

/// <summary>The database refused a row since another one has its key.</summary>
internal static class UniqueViolation
{
    // https://www.sqlite.org/rescode.html
    private const int SqlitePrimaryKey = 1555;
    private const int SqliteUnique = 2067;

    public static bool IsUniqueViolation(this DbUpdateException exception) => exception.InnerException is
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or
        SqliteException { SqliteExtendedErrorCode: SqlitePrimaryKey or SqliteUnique };
}
