using System.Data.Common;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Lazaret.Node.Storage;

internal static class StorageServices
{
    /// <summary>Of one process to PostgreSQL, where the connection string does not say.</summary>
    internal const int MostConnections = 20;

    public static IServiceCollection AddStorage(this IServiceCollection services, DatabaseOptions options, StateFolder state, IConfiguration configuration)
    {
        // An empty variable is as none: SQLite would take it for a file that is gone when it is closed.
        var connection = configuration.GetConnectionString("Lazaret") is { Length: > 0 } given ? given : null;
        services.AddSingleton(options).AddSingleton(state).AddSingleton<LostDatabase>().AddSingleton<DatabaseMigration>().AddSingleton<SchemaCheck>().AddSingleton<NodePresence>().AddSingleton<DiskReturn>();
        if (options.Provider == DatabaseOptions.Sqlite)
        {
            CountNoMemory();
            return services.AddDatabase<SqliteLazaretDb>(database => database.UseSqlite(connection ?? Sqlite(state)).AddInterceptors(new SecureDelete()));
        }

        // Read when the database is first asked for: a start says what is wrong with it beside all else.
        return services.AddDatabase<PostgresLazaretDb>(database => database.UseNpgsql(Postgres(connection)).AddInterceptors(new RowLocks.Interceptor()));
    }

    /// <summary>A connection string of PostgreSQL where SQLite is to read it, whose own message would name a keyword and no way out; null otherwise.</summary>
    public static string? FaultOf(DatabaseOptions options, IConfiguration configuration)
    {
        if (options.Provider != DatabaseOptions.Sqlite || configuration.GetConnectionString("Lazaret") is not { Length: > 0 } connection)
            return null;
        return IsPostgres(connection) ? "ConnectionStrings:Lazaret: this is a connection string of PostgreSQL: set Lazaret:Database:Provider=postgres" : null;

        static bool IsPostgres(string connection)
        {
            try
            {
                var spelled = new DbConnectionStringBuilder { ConnectionString = connection };
                return ((string[])["Host", "Server", "Username", "User Id", "Database"]).Any(spelled.ContainsKey);
            }
            catch (ArgumentException)
            {
                return connection.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    private static IServiceCollection AddDatabase<TContext>(this IServiceCollection services, Action<DbContextOptionsBuilder> configure)
        where TContext : LazaretDb => services
        .AddPooledDbContextFactory<TContext>((provider, database) =>
        {
            configure(database);
            database.AddInterceptors(provider.GetServices<IInterceptor>());
        })
        .AddSingleton<IDbContextFactory<LazaretDb>, LazaretDbFactory<TContext>>();

    /// <summary>Without this setting SQLite counts its memory under one lock, which every connection takes at each allocation. It can be set only before SQLite starts.</summary>
    private static void CountNoMemory()
    {
        SQLitePCL.Batteries_V2.Init();
        SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private static string Sqlite(StateFolder state) => new SqliteConnectionStringBuilder
    {
        DataSource = state.Database,
        // The migration makes the file. One that is taken away under a node is not to become an empty one.
        Mode = SqliteOpenMode.ReadWrite,
        ForeignKeys = true,
        DefaultTimeout = 30,
    }.ToString();

    /// <exception cref="InputException">Nothing says where PostgreSQL is.</exception>
    private static string Postgres(string? connection)
    {
        const string Key = "ConnectionStrings:Lazaret";
        if (string.IsNullOrWhiteSpace(connection))
            throw new InputException($"{Key}: is empty, and Lazaret:Database:Provider is postgres: set it to Host=…;Database=…;Username=…");
        try
        {
            var given = new NpgsqlConnectionStringBuilder(connection);
            // Several processes share a server, whose own default is 100 connections for all. What comes when all are at work waits its turn.
            var spelled = new DbConnectionStringBuilder { ConnectionString = connection };
            if (!spelled.ContainsKey("Maximum Pool Size") && !spelled.ContainsKey("MaxPoolSize"))
                given.MaxPoolSize = Math.Max(MostConnections, given.MinPoolSize);
            // The node sends the same few statements over and over.
            if (given.MaxAutoPrepare == 0)
                given.MaxAutoPrepare = 64;
            // Otherwise Npgsql sends six statements whenever a connection returns to the pool. The node leaves nothing in a session that could disturb its next user.
            given.NoResetOnClose = true;
            return given.ToString();
        }
        catch (ArgumentException)
        {
            // The parser's message could quote the password.
            throw new InputException($"{Key}: is no connection string of PostgreSQL: Host=…;Database=…;Username=…");
        }
    }
}
