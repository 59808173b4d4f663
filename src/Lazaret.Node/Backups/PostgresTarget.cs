using Lazaret.Cohort.Files;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Backups;

/// <summary>The PostgreSQL database that a backup is restored into. It is Lazaret's own.</summary>
internal sealed class PostgresTarget(LazaretDb db)
{
    private const string Aside = InterruptedRestore.Aside;
    private const int MostNamed = 5;

    /// <exception cref="MissingException">Somebody uses the database, or it cannot be reached.</exception>
    public async Task HoldAloneAsync(CancellationToken cancellationToken)
    {
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new MissingException($"the database cannot be opened ({DatabaseWords.Of(e)}): check ConnectionStrings:Lazaret");
        }

        // To a role that is no superuser the server does not say what kind of session another role's is. The server's own have no role.
        var others = await db.Database.SqlQuery<string>(
            $"SELECT concat_ws(' ', pid, usename, client_addr, application_name) AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend' ORDER BY backend_start").ToListAsync(cancellationToken);
        if (others.Count > 0)
        {
            throw new MissingException($"{(others.Count == 1 ? "1 other session uses" : $"{others.Count} other sessions use")} the database of ConnectionStrings:Lazaret (process, user, address, program: {string.Join("; ", others.Take(MostNamed).Select(PlainText.Line))}): "
                + "stop every node, on every host, first; what is left is a psql or an exporter, and ends by SELECT pg_terminate_backend(PROCESS)");
        }

        if (await InterruptedRestore.FaultAsync(db, cancellationToken) is { } interrupted)
            throw new MissingException(interrupted);
    }

    /// <summary>Whether anything stands where the backup's tables go. What belongs to an extension is nobody's data.</summary>
    public async Task<bool> HoldsAnythingAsync(CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<bool>($"""
            SELECT EXISTS (
                SELECT FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS "Value"
            """).SingleAsync(cancellationToken);

    /// <summary>
    /// Gives the schema another name, and makes an empty one in its place. A later version's tables go with it, which a backup does not
    /// know. Unless it is dropped, the schema gets its name back in the end.
    /// </summary>
    /// <exception cref="MissingException">Extensions lie in the schema: they would be dropped with it.</exception>
    public async Task<OldSchema> PutAsideAsync(CancellationToken cancellationToken)
    {
        var extensions = await db.Database.SqlQuery<string>(
            $"SELECT quote_ident(extname) AS \"Value\" FROM pg_extension WHERE extnamespace = current_schema()::regnamespace ORDER BY extname").ToListAsync(cancellationToken);
        if (extensions.Count > 0)
        {
            throw new MissingException($"nothing is replaced, because extensions lie in the schema of Lazaret's tables and would be dropped with it ({string.Join(", ", extensions.Take(MostNamed))}): move them first, "
                + $"as a superuser: CREATE SCHEMA extensions; {string.Join("; ", extensions.Take(MostNamed).Select(extension => $"ALTER EXTENSION {extension} SET SCHEMA extensions"))}");
        }

        var name = await db.Database.SqlQuery<string>($"SELECT quote_ident(current_schema()) AS \"Value\"").SingleAsync(cancellationToken);
        await ExecuteAsync($"ALTER SCHEMA {name} RENAME TO {Aside}; CREATE SCHEMA {name}", cancellationToken);
        return new OldSchema(this, name);
    }

    // Npgsql runs statements that are sent together in one transaction.
    private async Task ExecuteAsync(string statements, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What was put aside.</summary>
    internal sealed class OldSchema(PostgresTarget target, string name) : IAsyncDisposable
    {
        private bool _isGone;

        public async Task DropAsync(CancellationToken cancellationToken)
        {
            await target.ExecuteAsync($"DROP SCHEMA {Aside} CASCADE", cancellationToken);
            _isGone = true;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_isGone)
                await target.ExecuteAsync($"DROP SCHEMA {name} CASCADE; ALTER SCHEMA {Aside} RENAME TO {name}", CancellationToken.None);
        }
    }
}
