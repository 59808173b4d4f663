using System.Collections.Concurrent;
using Lazaret.Node;
using Lazaret.Node.Cli;
using Lazaret.Node.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// The node in the tests' own process, and its commands: for tests of what a node answers, which need nothing of a process of its own. It starts in a tenth of the
/// processor time of <see cref="NodeProcess"/>, which compiles everything anew.
/// </summary>
internal sealed class HostedNode : RunningNode
{
    private readonly WebApplication _node;
    private readonly Lines _log = new();

    // The analysis that the node brings lies beside its program: beside the tests', there is none.
    static HostedNode()
    {
        var link = Path.Combine(AppContext.BaseDirectory, "guest");
        if (!Path.Exists(link))
            File.CreateSymbolicLink(link, Repository.File("artifacts", "lazaret", "guest"));
    }

    private HostedNode(WebApplication node)
    {
        _node = node;
        node.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    public override string Log => string.Join('\n', _log.Written);

    public static Task<HostedNode> ServeAsync(string state, params IEnumerable<(string Key, string Value)> settings) => ServeAsync(state, "all", settings);

    /// <summary>Where no disclosure policy is among the settings, it is <see cref="OpenPolicy"/>.</summary>
    public static async Task<HostedNode> ServeAsync(string state, string role, params IEnumerable<(string Key, string Value)> settings)
    {
        var configuration = Configure([("WORK_DIR", state), .. Sandbox, .. OpenPolicy.Unless(settings), .. settings, ("Logging__Console__LogLevel__Default", nameof(LogLevel.None))]);
        var node = new HostedNode(await NodeHost.BuildAsync(
            LazaretConfiguration.Read(configuration), configuration, ["http://127.0.0.1:0"], Enum.Parse<NodeRole>(role, ignoreCase: true), TestContext.Current.CancellationToken));
        await node._node.StartAsync(TestContext.Current.CancellationToken);
        node.Client.BaseAddress = new Uri(node._node.Urls.Single());
        return node;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string state, string[] arguments, params IEnumerable<(string Key, string Value)> settings)
    {
        // Otherwise the command, and with it all tests, would go on as that user.
        Assert.True(LinuxCalls.StatusOfEntry(state) is not { } folder || folder.User == LinuxCalls.User, $"{state} belongs to another user: this needs a process of its own");
        (string, string)[] given = [("WORK_DIR", state), .. settings];
        var console = OwnConsole.Begin();
        var exitCode = await CommandLine.RunAsync([.. arguments, .. given.Select(SettingAliases.KeyOf).Select(setting => $"--{setting.Key}={setting.Value}")]);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return (exitCode, console.Output, console.Error);
    }

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _node.StopAsync();
        await _node.DisposeAsync();
        // Otherwise the files stay open.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    // Of a setting that is there twice, the last counts, as in an environment.
    private static IConfigurationRoot Configure(IEnumerable<(string Key, string Value)> settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(SettingAliases.KeyOf).GroupBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase).Select(same => same.Last())).Build();

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _written = new();

        public IEnumerable<string> Written => _written;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _written.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");

        public void Dispose()
        {
        }
    }
}
