using System.Diagnostics;
using Npgsql;

namespace Lazaret.Tests.Servers;

/// <summary>
/// A PostgreSQL 15 of the tests' own on a free loopback port, in a temporary folder. <see cref="SharedAsync"/> is one for the
/// whole test run; a test that stops and starts it makes its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";
    private const string Programs = "/usr/lib/postgresql/15/bin";

    private static readonly SharedServer<PostgresServer> Shared = new(StartAsync);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = ServerProcess.FreePort();
    private Process? _process;
    private int _databases;

    private PostgresServer()
    {
    }

    /// <summary>Where it keeps its files.</summary>
    public string Data => _folder["data"];

    /// <summary>The server of this test run; a machine without one skips the test, and fails it under CI.</summary>
    public static Task<PostgresServer> SharedAsync()
    {
        ServerProcess.Require($"{Programs}/postgres", "postgresql-15");
        return Shared.GetAsync();
    }

    public static async Task<PostgresServer> StartAsync()
    {
        ServerProcess.Require($"{Programs}/postgres", "postgresql-15");
        var server = new PostgresServer();
        await ServerProcess.OwnAsync(User, server._folder.Path);
        await ServerProcess.RunAsync(User, $"{Programs}/initdb", "--pgdata", server.Data, "--username", User, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync");
        await server.RunAsync();
        return server;
    }

    /// <summary>A database of its own for a test, by its connection string: an empty one, or a copy of that one, to which nobody is connected.</summary>
    public async Task<string> CreateDatabaseAsync(string? copied = null)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {(copied is null ? "template0" : new NpgsqlConnectionStringBuilder(copied).Database)}");
        return ConnectionString(name);
    }

    /// <summary>The same, of a role that is no superuser, where the server's administrator has installed an extension.</summary>
    public async Task<string> CreateOrdinaryDatabaseAsync(string extension, string schema)
    {
        var superuser = await CreateDatabaseAsync();
        var role = new NpgsqlConnectionStringBuilder(superuser).Database!;
        await ExecuteAsync($"CREATE ROLE {role} LOGIN");
        await ExecuteAsync($"ALTER DATABASE {role} OWNER TO {role}");
        await ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE EXTENSION {extension} SCHEMA {schema}; ALTER SCHEMA public OWNER TO {role}", superuser);
        return new NpgsqlConnectionStringBuilder(superuser) { Username = role }.ToString();
    }

    /// <summary>A superuser's session in a database of this server's.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string? database = null)
    {
        var connection = new NpgsqlConnection($"{new NpgsqlConnectionStringBuilder(database ?? ConnectionString(User)) { Username = User }};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Executes statements in one.</summary>
    public async Task ExecuteAsync(string statements, string? database = null)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A restart, as an upgrade of the machine would do it: connections are cut, and what was committed is there afterwards.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Connections are cut, and new ones refused.</summary>
    public Task StopAsync() => ServerProcess.StopAsync(_process!, "INT");

    public Task StartAgainAsync() => RunAsync();

    /// <summary>It takes connections, and answers nothing.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    public Task GoOnAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        // At once: nobody reads its files again.
        if (_process is not null)
            await ServerProcess.StopAsync(_process, "QUIT");
        _folder.Dispose();
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = User,
        Database = database,
        MaxPoolSize = 20,
    }.ToString();

    /// <summary>To the server and its sessions.</summary>
    private async Task SignalAsync(string signal)
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
        await Tool.RunAsync("sh", "-c", $"kill -{signal} {postmaster}; pkill -{signal} -P {postmaster}");
    }

    private async Task RunAsync()
    {
        _process = ServerProcess.Start(
            User, $"{Programs}/postgres", "-D", Data, "-p", $"{_port}", "-h", "127.0.0.1", "-k", "", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
            // The machine does not lose its power in a test; a server that is stopped or killed loses nothing by it.
            "-c", "fsync=off", "-c", "full_page_writes=off");
        await ServerProcess.AnswersAsync(_process, () => ExecuteAsync("SELECT 1"));
    }
}
