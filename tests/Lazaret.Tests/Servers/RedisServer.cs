using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

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
        _process = ServerProcess.Start("redis", Program, "--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/");
        await ServerProcess.AnswersAsync(_process, () => ExecuteAsync("PING"));
    }

    /// <summary>It takes connections, and answers none.</summary>
    public Task HangAsync() => Tool.RunAsync("kill", "-STOP", $"{_process!.Id}");

    public Task GoOnAsync() => Tool.RunAsync("kill", "-CONT", $"{_process!.Id}");

    public Task FlushAsync() => ExecuteAsync("FLUSHALL");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await StopAsync();
    }

    /// <summary>Redis takes a command as a plain line, and answers an ordinary one with a line that begins with '+'.</summary>
    public async Task ExecuteAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        using var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"));
        if (await reader.ReadLineAsync() is not ['+', ..])
            throw new IOException($"Redis did not take {command}");
    }
}
