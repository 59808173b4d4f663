using Lazaret.Node.Linux;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>
/// A restore on PostgreSQL puts the schema aside under another name, and works in an empty one. Where it was killed, the database lies aside, and a node that started
/// would begin anew in the empty schema.
/// </summary>
internal static class InterruptedRestore
{
    /// <summary>The name that the schema has meanwhile.</summary>
    public const string Aside = "lazaret_before_restore";

    /// <summary>What is wrong, with the command that mends it; null where nothing lies aside.</summary>
    public static async Task<string?> FaultAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        if (db is SqliteLazaretDb || !await db.Database.SqlQuery<bool>($"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = {Aside}) AS \"Value\"").SingleAsync(cancellationToken))
            return null;
        var here = await db.Database.SqlQuery<string>($"SELECT coalesce(quote_ident(current_schema()), 'public') AS \"Value\"").SingleAsync(cancellationToken);
        var database = await db.Database.SqlQuery<string>($"SELECT current_database()::text AS \"Value\"").SingleAsync(cancellationToken);
        return $"a restore of this database was interrupted, or goes on: the schema {Aside} holds the database as it was before. If none goes on, put it back, on the machine of the server, and restore again: "
            + $"sudo -u postgres psql -d {StrictModes.Quoted(database)} -c 'DROP SCHEMA IF EXISTS {here} CASCADE; ALTER SCHEMA {Aside} RENAME TO {here}'";
    }
}
