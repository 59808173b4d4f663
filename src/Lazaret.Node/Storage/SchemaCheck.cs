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

    /// <summary>Why a database of an earlier version cannot be brought up to date: it is not as the migrations that it lists make it. Null where nothing says so.</summary>
    public static async Task<string?> FaultBetweenAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        List<string> ours = [.. db.Database.GetMigrations()], applied = [.. await db.Database.GetAppliedMigrationsAsync(cancellationToken)];
        if (ours.Zip(applied).FirstOrDefault(pair => pair.First != pair.Second) is { First: { } missing })
            return $"its list of migrations lacks {missing}, and holds later ones";
        if (applied.Count == 0 || db is not SqliteLazaretDb)
            return null;
        await db.Database.OpenConnectionAsync(cancellationToken);
        return await SqliteSchema.FaultsAsync((SqliteConnection)db.Database.GetDbConnection(), applied[^1], cancellationToken) is [_, ..] faults
            ? $"it is of the schema {applied[^1]} by its list of migrations, and {string.Join("; ", faults.Select(fault => fault.What))}"
            : null;
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
