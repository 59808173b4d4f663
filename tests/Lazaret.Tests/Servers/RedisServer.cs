using System.Diagnostics;
using StackExchange.Redis;

namespace Lazaret.Tests.Servers;

/// <summary>
/// A Redis 7 of the tests' own on a free loopback port, which writes nothing to disk. <see cref="SharedAsync"/> is one for
/// the whole test run; a test that stops, starts or empties it makes its own.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private static readonly SharedServer<RedisServer> Shared = new(StartAsync);

    private readonly int _port = ServerProcess.FreePort();
    private Process? _process;

    private RedisServer()
    {
    }

    public string ConnectionString => $"127.0.0.1:{_port},allowAdmin=true,abortConnect=false";

    /// <summary>The server of this test run; a machine without one skips the test, and fails it under CI.</summary>
    public static Task<RedisServer> SharedAsync()
    {
        ServerProcess.Require(Program, "redis-server");
        return Shared.GetAsync();
    }

    public static async Task<RedisServer> StartAsync()
    {
        ServerProcess.Require(Program, "redis-server");
        var server = new RedisServer();
        await server.StartAgainAsync();
        return server;
    }

    public async Task StopAsync()
    {
        await ServerProcess.StopAsync(_process!, "TERM");
        _process = null;
    }

    public async Task StartAgainAsync()
    {
        _process = ServerProcess.Start("nobody", Program, "--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/");
        await ServerProcess.AnswersAsync(_process, () => ExecuteAsync("PING"));
    }

    public Task FlushAsync() => ExecuteAsync("FLUSHALL");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
    }

    private async Task ExecuteAsync(string command)
    {
        await using var redis = new Connection(await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port},allowAdmin=true"));
        await redis.Multiplexer.GetDatabase().ExecuteAsync(command);
    }

    private sealed record Connection(ConnectionMultiplexer Multiplexer) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Multiplexer.CloseAsync();
            Multiplexer.Dispose();
        }
    }
}
