using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>Checks what acts by itself on our tables on a PostgreSQL server. That must be the audit's one trigger, with its function, and nothing else.</summary>
internal static class PostgresSchema
{
    private const string Function = "audit_only_grows";

    // What the migration Initial makes.
    private const string Body = "BEGIN RAISE EXCEPTION 'the audit only grows'; END";
    private const string Trigger = $"CREATE TRIGGER {Function} BEFORE UPDATE OR DELETE OR TRUNCATE ON \"Audit\" FOR EACH STATEMENT EXECUTE FUNCTION {Function}();";

    /// <summary>Before, a statement, on delete, update and truncate: bits of <c>pg_trigger.tgtype</c>.</summary>
    private const int Type = 2 | 8 | 16 | 32;

    public static async Task<IReadOnlyList<SchemaFault>> FaultsAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // tgenabled is O for triggers that fire except while a replica applies changes, and A for those that always fire.
        var triggers = await db.Database.SqlQuery<Acting>($"""
            SELECT c.relname::text AS "Table", t.tgname::text AS "Name",
                c.relname = 'Audit' AND t.tgname = {Function} AND t.tgtype = {Type} AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
                AND btrim(regexp_replace(p.prosrc, '\s+', ' ', 'g')) = {Body} AS "Ours"
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
            """).ToListAsync(cancellationToken);
        var rules = await db.Database.SqlQuery<Acting>($"""
            SELECT c.relname::text AS "Table", r.rulename::text AS "Name", false AS "Ours"
            FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
            WHERE r.rulename <> '_RETURN' AND c.relnamespace = current_schema()::regnamespace
            """).ToListAsync(cancellationToken);
        HashSet<string> tables = [.. db.Model.GetEntityTypes().Select(type => type.GetTableName()!)];

        var faults = new List<SchemaFault>();
        if (!triggers.Exists(trigger => trigger.Ours))
        {
            faults.Add(new SchemaFault(
                $"lacks the trigger {Function}",
                $"CREATE OR REPLACE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql AS $$ {Body} $$; DROP TRIGGER IF EXISTS {Function} ON \"Audit\"; {Trigger}"));
        }

        faults.AddRange(triggers.Where(trigger => !trigger.Ours && trigger.Name != Function && tables.Contains(trigger.Table)).Select(trigger => Foreign("trigger", trigger)));
        faults.AddRange(rules.Where(rule => tables.Contains(rule.Table)).Select(rule => Foreign("rule", rule)));
        return faults;
    }

    private static SchemaFault Foreign(string kind, Acting found)
    {
        var name = SchemaFault.Cleaned(found.Name);
        return new SchemaFault(
            $"holds the {kind} {name} on {found.Table}, which is not Lazaret's", name == found.Name ? $"DROP {kind.ToUpperInvariant()} \"{name}\" ON \"{found.Table}\";" : null);
    }

    private sealed record Acting(string Table, string Name, bool Ours);
}
