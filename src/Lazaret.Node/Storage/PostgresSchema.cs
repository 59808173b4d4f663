using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Lazaret.Node.Storage;

/// <summary>
/// Checks on a PostgreSQL server that our tables are there with their columns, and what acts by itself on them. That must be one trigger on each of the
/// audit's tables, with its function, and nothing else.
/// </summary>
internal static class PostgresSchema
{
    private const string Function = "audit_only_grows";

    // What the migrations Initial and AuditChain make.
    private const string Body = "BEGIN RAISE EXCEPTION 'the audit only grows'; END";
    private static readonly string[] Growing = ["Audit", "AuditChain", "AuditCheckpoints"];

    /// <summary>Before, a statement, on delete, update and truncate: bits of <c>pg_trigger.tgtype</c>.</summary>
    private const int Type = 2 | 8 | 16 | 32;

    public static async Task<IReadOnlyList<SchemaFault>> FaultsAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // tgenabled is O for triggers that fire except while a replica applies changes, and A for those that always fire.
        var triggers = await db.Database.SqlQuery<Acting>($"""
            SELECT c.relname::text AS "Table", t.tgname::text AS "Name",
                c.relname = ANY({Growing}) AND t.tgname = {Function} AND t.tgtype = {Type} AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
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
        var columns = await db.Database.SqlQuery<Column>($"""
            SELECT table_name::text AS "Table", column_name::text AS "Name" FROM information_schema.columns WHERE table_schema = current_schema()
            """).ToListAsync(cancellationToken);

        var faults = new List<SchemaFault>();
        faults.AddRange(tables.Where(table => !columns.Exists(column => column.Table == table)).Select(table => new SchemaFault($"lacks the table {table}", null)));
        faults.AddRange(ColumnsOf(db).Except(columns).Where(lost => columns.Exists(column => column.Table == lost.Table)).Select(lost => new SchemaFault($"lacks the column {lost.Name} of {lost.Table}", null)));
        faults.AddRange(Growing.Where(table => !triggers.Exists(trigger => trigger.Ours && trigger.Table == table)).Select(table => new SchemaFault(
            $"lacks the trigger {Function} on {table}",
            $"CREATE OR REPLACE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql AS $$ {Body} $$; DROP TRIGGER IF EXISTS {Function} ON \"{table}\"; "
            + $"CREATE TRIGGER {Function} BEFORE UPDATE OR DELETE OR TRUNCATE ON \"{table}\" FOR EACH STATEMENT EXECUTE FUNCTION {Function}();")));
        faults.AddRange(triggers.Where(trigger => !trigger.Ours && !(trigger.Name == Function && Growing.Contains(trigger.Table)) && tables.Contains(trigger.Table)).Select(trigger => Foreign("trigger", trigger)));
        faults.AddRange(rules.Where(rule => tables.Contains(rule.Table)).Select(rule => Foreign("rule", rule)));
        return faults;
    }

    private static IEnumerable<Column> ColumnsOf(LazaretDb db) =>
        from type in db.Model.GetEntityTypes()
        let table = StoreObjectIdentifier.Table(type.GetTableName()!)
        from property in type.GetProperties()
        let column = property.GetColumnName(table)
        // What lies in a column of JSON has none of its own.
        where column is not null
        select new Column(table.Name, column!);

    private static SchemaFault Foreign(string kind, Acting found)
    {
        var name = SchemaFault.Cleaned(found.Name);
        return new SchemaFault(
            $"holds the {kind} {name} on {found.Table}, which is not Lazaret's", name == found.Name ? $"DROP {kind.ToUpperInvariant()} \"{name}\" ON \"{found.Table}\";" : null);
    }

    private sealed record Column(string Table, string Name);

    private sealed record Acting(string Table, string Name, bool Ours);
}
