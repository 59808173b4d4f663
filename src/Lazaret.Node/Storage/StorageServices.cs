using Lazaret.Node.Configuration;
using Lazaret.Node.Delivery;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Storage;

public static class StorageServices
{
    /// <exception cref="InputException">PostgreSQL is chosen, and nothing says where it is.</exception>
    public static IServiceCollection AddStorage(this IServiceCollection services, NodeOptions options, IConfiguration configuration)
    {
        var state = new StateFolder(options.State);
        var connection = configuration.GetConnectionString("Lazaret");
        services.AddSingleton(state).AddSingleton<DatabaseMigration>().AddSingleton<NodePresence>();
        if (options.Database.Provider == DatabaseOptions.Sqlite)
            return services.AddDatabase<SqliteLazaretDb>(database => database.UseSqlite(connection ?? Sqlite(state)).AddInterceptors(new SecureDelete()));
        var postgres = Postgres(connection);
        return services.AddDatabase<PostgresLazaretDb>(database => database.UseNpgsql(postgres).AddInterceptors(new RowLocks.Interceptor()));
    }

    private static IServiceCollection AddDatabase<TContext>(this IServiceCollection services, Action<DbContextOptionsBuilder> configure)
        where TContext : LazaretDb => services
        .AddPooledDbContextFactory<TContext>(database =>
        {
            configure(database);
            database.AddInterceptors(new WebhookOutbox());
        })
        .AddSingleton<IDbContextFactory<LazaretDb>, LazaretDbFactory<TContext>>();

    private static string Sqlite(StateFolder state) => new SqliteConnectionStringBuilder
    {
        DataSource = state.Database,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString();

    private static string Postgres(string? connection)
    {
        const string Key = "ConnectionStrings:Lazaret";
        if (string.IsNullOrWhiteSpace(connection))
            throw new InputException($"{Key}: is empty, and Lazaret:Database:Provider is postgres: set it to Host=…;Database=…;Username=…");
        try
        {
            var given = new NpgsqlConnectionStringBuilder(connection);
            // The node sends the same few statements over and over.
            if (given.MaxAutoPrepare == 0)
                given.MaxAutoPrepare = 64;
            return given.ToString();
        }
        catch (ArgumentException)
        {
            // The parser's own words could quote the password.
            throw new InputException($"{Key}: is no connection string of PostgreSQL: Host=…;Database=…;Username=…");
        }
    }
}
