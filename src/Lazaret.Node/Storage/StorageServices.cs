using Lazaret.Node.Cli;
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
            .AddDbContextFactory<LazaretDb>(database => database.UseSqlite(connection));
    }

    /// <summary>Applies the migrations, unless the configuration leaves that to <c>lazaret migrate</c>; then they must have been applied.</summary>
    /// <exception cref="MissingException">The database cannot be opened, or is not up to date.</exception>
    public static async Task MigrateAsync(this IServiceProvider services, NodeOptions options, CancellationToken cancellationToken, bool force = false)
    {
        services.GetRequiredService<StateFolder>().Create();
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(cancellationToken);
        try
        {
            if (force || options.Database.AutoMigrate)
                await db.Database.MigrateAsync(cancellationToken);
            else if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
                throw new MissingException("the database is not up to date: run 'lazaret migrate', or set Lazaret:Database:AutoMigrate=true");
        }
        catch (SqliteException e)
        {
            throw new MissingException($"the database cannot be opened ({e.Message}): check Lazaret:State and ConnectionStrings:Lazaret");
        }
    }
}
