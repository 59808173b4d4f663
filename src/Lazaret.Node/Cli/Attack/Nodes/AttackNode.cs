using System.Collections.Concurrent;
using System.Diagnostics;
using Lazaret.Node.Audit;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Linux;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cli.Attack.Nodes;

/// <summary>
/// A throw-away node: a process of this binary on a free loopback port, whose state is a temporary folder. Of the user's environment and configuration
/// it has nothing but what it is given.
/// </summary>
internal sealed class AttackNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Projects = ["first-study", "second-study"];

    private readonly Process _process;
    private readonly HttpClient _client = new() { Timeout = Patience };
    private readonly Dictionary<string, string> _keys;
    private readonly ConcurrentQueue<string> _log = new();

    private AttackNode(Process process, Dictionary<string, string> keys) => (_process, _keys) = (process, keys);

    /// <summary>A requester outside any project.</summary>
    public Attacker Attacker => new(_client, _keys[nameof(Attacker)], null);

    /// <summary>Another one, with a key of their own.</summary>
    public Attacker Accomplice => new(_client, _keys[nameof(Accomplice)], null);

    /// <summary>Members of two projects.</summary>
    public IReadOnlyList<Attacker> Members => [.. Projects.Select(project => new Attacker(_client, _keys[project], project))];

    /// <param name="folder">Where its state lies; made.</param>
    /// <param name="view">The data view.</param>
    /// <param name="settings">Keys below the section <c>Lazaret</c>.</param>
    public static async Task<AttackNode> StartAsync(string folder, string view, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(settings, StringComparer.OrdinalIgnoreCase)
        {
            ["Data:View"] = view,
            ["State"] = folder,
            // What is attacked are answers: the node's own analysis needs no sandbox on synthetic data, and this one is on every machine.
            ["Sandbox:Backend"] = "process",
            ["Auth:Modes:0"] = AuthModes.Key,
            ["Http:RequestsPerSecond"] = "0",
            ["Http:RequestsPerSecondPerAddress"] = "0",
        };
        var keys = await RegisterAsync(all, cancellationToken);
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", "--urls", "http://127.0.0.1:0", .. all.Select(setting => $"--{NodeOptions.Section}:{setting.Key}={setting.Value}")])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var name in start.Environment.Keys.Where(name => !IsForAnyProgram(name)).ToList())
            start.Environment.Remove(name);
        // Thousands of requests are of no use in the log; the address that it listens on is.
        start.Environment["Logging__LogLevel__Default"] = nameof(LogLevel.Warning);
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = nameof(LogLevel.Information);
        var node = new AttackNode(Process.Start(start)!, keys);
        try
        {
            await node.ListenAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            LinuxCalls.Terminate(_process.Id);
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static async Task<Dictionary<string, string>> RegisterAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"{NodeOptions.Section}:{setting.Key}", (string?)setting.Value))).Build();
        await using var services = new ServiceCollection().AddLogging().AddLazaret(LazaretConfiguration.Read(configuration), configuration).BuildServiceProvider();
        await services.GetRequiredService<DatabaseMigration>().RunAsync(force: false, cancellationToken);
        var requesters = services.GetRequiredService<RequesterDirectory>();
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in (string[])[nameof(Attacker), nameof(Accomplice), .. Projects])
        {
            var (key, text) = ApiKey.Make();
            await requesters.AddAsync(name, Roles.Requester, CredentialKind.Key, key.Prefix, key.Hash, expires: null, AuditEntry.Operator, cancellationToken);
            keys[name] = text;
        }

        foreach (var project in Projects)
            await services.GetRequiredService<ProjectDirectory>().AddAsync(new Approval(project, project) { Members = [project] }, [], AuditEntry.Operator, cancellationToken);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return keys;
    }

    /// <summary>Whether a variable is the system's or the runtime's, and says nothing to the node.</summary>
    private static bool IsForAnyProgram(string name) =>
        name is "PATH" or "HOME" or "TMPDIR" or "XDG_RUNTIME_DIR" || (name.StartsWith("DOTNET_", StringComparison.Ordinal) && name != NodeEnvironment.Variable);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ends = Task.WhenAll(FollowAsync(_process.StandardOutput, listening), FollowAsync(_process.StandardError, listening));
        if (await Task.WhenAny(listening.Task, ends).WaitAsync(Patience, cancellationToken) == ends)
            throw new MissingException($"the throw-away node ended at once:\n{string.Join('\n', _log)}");
        _client.BaseAddress = new Uri(await listening.Task);
    }

    private async Task FollowAsync(StreamReader stream, TaskCompletionSource<string> listening)
    {
        const string Words = "Now listening on: ";
        while (await stream.ReadLineAsync() is { } line)
        {
            // What it says later is of no use, and may be much.
            if (!listening.Task.IsCompleted)
                _log.Enqueue(line);
            if (line.IndexOf(Words, StringComparison.Ordinal) is var at and >= 0)
                listening.TrySetResult(line[(at + Words.Length)..].Split('"')[0]);
        }
    }
}
