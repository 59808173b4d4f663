using Lazaret.Node.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, NodeOptions options, IConfiguration configuration)
    {
        var state = new StateFolder(options.State);
        var connection = configuration.GetConnectionString("Lazaret") ?? new SqliteConnectionStringBuilder
        {
            DataSource = state.Database,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString();
        return services
            .AddSingleton(state)
            .AddDbContextFactory<LazaretDb>(database => database.UseSqlite(connection).AddInterceptors(new SecureDelete()));
    }

    /// <summary>Applies the migrations, unless the configuration leaves that to <c>lazaret migrate</c>; then they must have been applied.</summary>
    /// <exception cref="MissingException">The database cannot be opened, or is not up to date.</exception>
    public static async Task MigrateAsync(this IServiceProvider services, NodeOptions options, CancellationToken cancellationToken, bool force = false)
    {
        var state = services.GetRequiredService<StateFolder>();
        state.Create();
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        try
        {
            if (!(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
                return;
            if (!force && !options.Database.AutoMigrate)
                throw new MissingException("the database is not up to date: run 'lazaret migrate', or set Lazaret:Database:AutoMigrate=true");
            using (await state.LockMigrationAsync(cancellationToken))
            {
                // Readers and the writer do not wait for each other. The file keeps this; Entity Framework would set it only in a file that it makes.
                await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
                await ForgetDeadMigrationAsync(db, cancellationToken);
                await db.Database.MigrateAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is SqliteException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"the database cannot be opened ({e.Message}): check Lazaret:State and ConnectionStrings:Lazaret");
        }
    }

    // On SQLite EF Core locks a migration by a row, which outlives a process that was killed and then stops every later start.
    // We hold a lock that dies with its process, so that a row found now is nobody's.
    private static async Task ForgetDeadMigrationAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var exists = await db.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync(cancellationToken);
        if (exists > 0)
            await db.Database.ExecuteSqlAsync($"DELETE FROM __EFMigrationsLock", cancellationToken);
    }
}
