using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Storage;

/// <summary>Row locks of PostgreSQL, for which EF Core has no method. On SQLite an immediate transaction locks all there is.</summary>
internal static class RowLocks
{
    private const string SkipLocked = "FOR UPDATE SKIP LOCKED";
    private const string Wait = "FOR UPDATE";

    /// <summary>Locks the rows until the transaction's end, and passes over those that another one holds.</summary>
    public static IQueryable<T> ForUpdateSkipLocked<T>(this IQueryable<T> rows) => rows.TagWith(SkipLocked);

    /// <summary>Locks the rows until the transaction's end, in the order of the query, and waits for those that another one holds.</summary>
    public static IQueryable<T> ForUpdate<T>(this IQueryable<T> rows) => rows.TagWith(Wait);

    /// <summary>Appends the tag's words to the statement: in the comment, where EF Core puts them, PostgreSQL ignores them.</summary>
    public sealed class Interceptor : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            foreach (var words in (ReadOnlySpan<string>)[SkipLocked, Wait])
            {
                if (command.CommandText.StartsWith($"-- {words}\n", StringComparison.Ordinal))
                    command.CommandText += $"\n{words}";
            }

            return ValueTask.FromResult(result);
        }
    }
}
