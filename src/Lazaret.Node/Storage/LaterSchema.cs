using Lazaret.Node.Configuration;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>A database that a later version of Lazaret has brought up to date: this version does not know what it writes to.</summary>
internal static class LaterSchema
{
    /// <summary>Names both versions, and says what to do; null where this version knows the whole schema.</summary>
    public static async Task<string?> FaultAsync(LazaretDb db, CancellationToken cancellationToken) =>
        Find(db, await db.Database.GetAppliedMigrationsAsync(cancellationToken)) is { } later
            ? $"the database has the schema {later} of a later version of Lazaret, and this is version {NodeVersion.Current} with the schema {Own(db)}: install the later version, or restore the backup that was made before the upgrade"
            : null;

    /// <summary>The last of these migrations, where this version does not know it.</summary>
    public static string? Find(LazaretDb db, IEnumerable<string> applied) => applied.Except(db.Database.GetMigrations(), StringComparer.Ordinal).LastOrDefault() is { } later ? SchemaFault.Cleaned(later) : null;

    /// <summary>The schema of this version.</summary>
    public static string Own(LazaretDb db) => db.Database.GetMigrations().Last();
}
