[assembly: AssemblyFixture(typeof(Lazaret.Tests.Servers.SharedServers))]

namespace Lazaret.Tests.Servers;

/// <summary>One server for the whole test run, started by whoever needs it first.</summary>
internal sealed class SharedServer<T>
    where T : IAsyncDisposable
{
    private readonly Lazy<Task<T>> _server;

    public SharedServer(Func<Task<T>> start)
    {
        _server = new(start);
        SharedServers.StopAtTheEnd(async () =>
        {
            if (_server.IsValueCreated)
                await (await _server.Value).DisposeAsync();
        });
    }

    public Task<T> GetAsync() => _server.Value;
}

/// <summary>Stops the servers that were started, when the last test is over.</summary>
public sealed class SharedServers : IAsyncDisposable
{
    private static readonly List<Func<Task>> Stops = [];

    internal static void StopAtTheEnd(Func<Task> stop)
    {
        lock (Stops)
            Stops.Add(stop);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stop in Stops)
            await stop();
    }
}
