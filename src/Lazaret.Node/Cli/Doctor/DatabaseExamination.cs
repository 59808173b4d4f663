using System.Data.Common;
using Lazaret.Node.Health;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Looks at the database, and makes none.</summary>
internal static class DatabaseExamination
{
    /// <returns>What was found, and whether the database answers. Where it does not, nothing else asks it: a server that hangs would be waited for each time.</returns>
    public static async Task<(Finding Finding, bool Answers)> RunAsync(IServiceProvider services, NodeOptions options, CancellationToken cancellationToken)
    {
        var what = $"database {options.Database.Provider}";
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        var file = (db as SqliteLazaretDb)?.File;
        var where = file ?? "ConnectionStrings:Lazaret";
        try
        {
            if (file is not null && await services.GetRequiredService<LostDatabase>().FaultAsync(db, cancellationToken) is { } gone)
                return Database(gone, Finding.MendOf(gone));
            // Only looks, and makes no file: a file that root makes could not be opened by the node's own user.
            if (file is not null && !File.Exists(file))
                return (Finding.Yes(what, $"none yet: the first start makes {where}"), true);
            // If the database cannot be reached, this throws with the reason. The next line alone would treat it as a database that does not exist yet.
            await db.Database.OpenConnectionAsync(cancellationToken);
            if (await InterruptedRestore.FaultAsync(db, cancellationToken) is { } interrupted)
                return Database(interrupted, Finding.MendOf(interrupted));
            if (file is null && await services.GetRequiredService<LostDatabase>().FaultAsync(db, cancellationToken) is { } empty)
                return Database(empty, Finding.MendOf(empty));
            if (file is not null && await SqliteSchema.PageDamageAsync((SqliteConnection)db.Database.GetDbConnection(), cancellationToken) is { } damage)
                return Database($"{where}: is damaged: {damage}", DatabaseWords.Replace);
            if (file is null)
                await TryWriteAsync(db, cancellationToken);
            return (await ExamineSchemaAsync(services, db, what, where, options.Database.AutoMigrate, cancellationToken), true);
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            var otherwise = file is not null ? $"set Lazaret:State, or {DatabaseWords.Replace}"
                : IsAnswer(e) ? "see what the server's log says of it (journalctl -u postgresql)"
                : "start the server (systemctl start postgresql), or set ConnectionStrings:Lazaret";
            return Database($"{where}: {DatabaseWords.Of(e)}", DatabaseWords.MendOf(e) ?? otherwise, answers: false);
        }

        (Finding Finding, bool Answers) Database(string why, string mend, bool answers = true) => (Finding.No(what, why, mend) with { Check = ReadinessChecks.Database }, answers);
    }

    private static bool IsAnswer(Exception fault) => fault is PostgresException || (fault.InnerException is { } inner && IsAnswer(inner));

    // A server whose disk is full answers whatever it is asked, and keeps nothing. This is gone when the transaction ends.
    private static async Task TryWriteAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        await using var trial = await db.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await db.Database.ExecuteSqlAsync($"CREATE TEMPORARY TABLE lazaret_doctor AS SELECT repeat(md5(number::text), 32) FROM generate_series(1, 1000) AS number", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // The role may make no temporary tables: what it may write shows when it does.
        }
    }

    private static async Task<Finding> ExamineSchemaAsync(IServiceProvider services, LazaretDb db, string what, string where, bool isMigrated, CancellationToken cancellationToken)
    {
        List<string> ours = [.. db.Database.GetMigrations()], applied = [.. await db.Database.GetAppliedMigrationsAsync(cancellationToken)];
        var later = applied.Except(ours, StringComparer.Ordinal).Count();
        if (later > 0)
            return Schema($"{where}: its schema is of a later version of Lazaret, by {later} migrations", "", "install the version that was there before, or a newer one");
        var pending = ours.Count - applied.Count;
        if (pending > 0 && await SchemaCheck.FaultBetweenAsync(db, cancellationToken) is { } between)
            return Schema($"{where}: {between}", "", DatabaseWords.Replace);
        if (pending > 0)
            return Schema(isMigrated ? null : $"{pending} migrations to apply", $"{pending} migrations to apply: 'lazaret migrate', or the next start", "lazaret migrate");
        var faults = await services.GetRequiredService<SchemaCheck>().FaultsAsync(cancellationToken);
        return faults.Count == 0
            ? Schema(fault: null, $"up to date, {where}", "")
            : Schema(
                $"{where}: {string.Join("; ", faults.Select(fault => fault.What))}",
                "",
                $"find out who changed it, then {(faults[0].Mend is { } mend ? $"run in it: {mend}" : DatabaseWords.Replace)}");

        Finding Schema(string? fault, string why, string mend) => Finding.Of(what, fault, why, mend) with { Check = ReadinessChecks.Schema };
    }

    /// <summary>Null when there is no database yet. It is not made, either, as opening SQLite's file would.</summary>
    internal static async Task<bool?> IsUpToDateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        if (db is SqliteLazaretDb { File: var file } && !File.Exists(file))
            return null;
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (!(await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
            return null;
        return !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
    }
}
