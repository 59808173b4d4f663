using System.Data.Common;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>Compares the database with what the migrations make. Whoever may write to it could remove the audit's triggers, or add others.</summary>
internal sealed class SchemaCheck(IDbContextFactory<LazaretDb> databases)
{
    /// <summary>Of a database that is up to date.</summary>
    public async Task<IReadOnlyList<SchemaFault>> FaultsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        return db is SqliteLazaretDb
            ? await SqliteSchema.FaultsAsync((SqliteConnection)db.Database.GetDbConnection(), db.Database.GetMigrations().Last(), cancellationToken)
            : await PostgresSchema.FaultsAsync(db, cancellationToken);
    }

    /// <exception cref="MissingException">It is not as the migrations make it; the message says what mends it.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await FaultsAsync(cancellationToken) is [_, ..] faults)
                throw new MissingException(string.Join('\n', faults.Select(Line)));
        }
        catch (DbException e)
        {
            throw new MissingException($"the database cannot be read ({DatabaseWords.Of(e)}): put a backup in its place");
        }

        static string Line(SchemaFault fault) =>
            $"the database {fault.What}: {(fault.Mend is { } mend ? $"find out who changed it, then run in it: {mend}" : "put a backup in its place")}";
    }
}
