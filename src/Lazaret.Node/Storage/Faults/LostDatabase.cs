using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage.Faults;

/// <summary>
/// A database that is gone or empty though a node has run on this state folder, or that is another program's. A node that started would begin anew in its place,
/// and nobody would see that everything was lost.
/// </summary>
internal sealed class LostDatabase(StateFolder state, IEnumerable<StateTrace> traces)
{
    private const int MostNames = 3;

    /// <summary>What is wrong, with what to do; null where the database is a node's, or may be made. Nothing is written.</summary>
    public async Task<string?> FaultAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // Before the database is looked at: another process may be at its first start, and makes the database before these.
        var trace = FindTrace();
        var file = (db as SqliteLazaretDb)?.File;
        if (file is not null && !File.Exists(file))
            return Lost(file, "is gone", trace);
        var place = file ?? "of ConnectionStrings:Lazaret";
        if (await FindForeignAsync(db, cancellationToken) is [_, ..] foreign)
        {
            return $"the database {place} holds tables of another program ({string.Join(", ", foreign.Select(SchemaFault.Cleaned))}) and none of Lazaret's, and nothing is written into it: "
                + $"set {(file is null ? "ConnectionStrings:Lazaret to the node's own database" : "Lazaret:State to the folder that is meant")}, or restore a backup (lazaret restore --force FILE)";
        }

        return trace is null || (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any() ? null : Lost(place, "is empty", trace);
    }

    /// <summary>Some tables of a database that has tables, and none of Lazaret's; empty where it has ours, or none at all.</summary>
    public static async Task<IReadOnlyList<string>> FindForeignAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // Before the migrations: whoever makes our tables in the meantime writes both together. What belongs to an extension of PostgreSQL's is nobody's data.
        var tables = db is SqliteLazaretDb
            ? await db.Database.SqlQuery<string>($"SELECT name AS Value FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_EFMigrations%' ESCAPE '\\' LIMIT {MostNames}").ToListAsync(cancellationToken)
            : await db.Database.SqlQuery<string>($"""
                SELECT c.relname::text AS "Value" FROM pg_class c
                WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT LIKE '\_\_EFMigrations%'
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
                ORDER BY c.relname LIMIT {MostNames}
                """).ToListAsync(cancellationToken);
        return tables.Count == 0 || (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any() ? [] : tables;
    }

    private string? Lost(string place, string what, string? trace) => trace is null
        ? null
        : $"the database {place} {what}, and a node has run on {state.Root}, for {trace} is there: restore a backup (lazaret restore FILE), or set Lazaret:State to the folder that is meant";

    /// <summary>What is in the state folder that no node makes before its first database. A ring of keys is no such thing: 'lazaret keys init' comes first.</summary>
    private string? FindTrace() => traces.Select(trace => trace.File).FirstOrDefault(file => file.StartsWith($"{state.Root}/", StringComparison.Ordinal) && File.Exists(file))
        ?? (Directory.Exists(state.Models) ? Directory.EnumerateDirectories(state.Models, "sha256-*").FirstOrDefault() : null);
}
