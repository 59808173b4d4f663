using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Storage;

/// <summary>Row locks of PostgreSQL, for which EF Core has no method. On SQLite an immediate transaction locks all there is.</summary>
internal static class RowLocks
{
    private const string SkipLocked = "FOR UPDATE SKIP LOCKED";

    /// <summary>Locks the rows until the transaction's end, and passes over those that another one holds.</summary>
    public static IQueryable<T> ForUpdateSkipLocked<T>(this IQueryable<T> rows) => rows.TagWith(SkipLocked);

    /// <summary>Appends the tag's words to the statement: in the comment, where EF Core puts them, PostgreSQL ignores them.</summary>
    public sealed class Interceptor : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.StartsWith($"-- {SkipLocked}", StringComparison.Ordinal))
                command.CommandText += $"\n{SkipLocked}";
            return ValueTask.FromResult(result);
        }
    }
}
