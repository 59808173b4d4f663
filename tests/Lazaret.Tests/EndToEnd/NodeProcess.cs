using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The built binary, serving.</summary>
internal sealed class NodeProcess : RunningNode
{
    public static string Binary { get; } = Repository.File("artifacts", "lazaret", "lazaret");

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();

    private NodeProcess(Process process) => _process = process;

    /// <summary>Everything the node has written so far, to stdout and stderr.</summary>
    public override string Log => string.Join('\n', _log);

    /// <summary>The most memory that the node has held, in bytes, since <see cref="ForgetPeak"/>.</summary>
    public long Peak => ReadStatus("VmHWM:");

    /// <summary>The memory that the node holds now, in bytes.</summary>
    public long Memory => ReadStatus("VmRSS:");

    /// <summary>How many files, sockets and the like the node has open.</summary>
    public int Descriptors => Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count();

    // proc(5), clear_refs.
    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public static Task<NodeProcess> ServeAsync(string state, params IEnumerable<(string Key, string Value)> settings) => ServeAsync(state, "all", settings);

    /// <summary>Where no disclosure policy is among the settings, it is <see cref="OpenPolicy"/>.</summary>
    public static Task<NodeProcess> ServeAsync(string state, string role, params IEnumerable<(string Key, string Value)> settings) => ServeAsync(state, role, 0, settings);

    /// <summary>On a port that is named: after a restart it is the same.</summary>
    public static Task<NodeProcess> ServeAsync(string state, string role, int port, params IEnumerable<(string Key, string Value)> settings) =>
        FollowAsync(Start(state, ["serve", "--role", role, "--urls", $"http://127.0.0.1:{port}"],
            [("WORK_DIR", state), .. OpenPolicy.Unless(settings), .. settings]));

    /// <summary>As the configuration in a folder says.</summary>
    public static Task<NodeProcess> ServeAsConfiguredAsync(string folder, params IEnumerable<(string Key, string Value)> settings) => ServeAsConfiguredAsync(folder, ["serve"], settings);

    public static Task<NodeProcess> ServeAsConfiguredAsync(string folder, string[] arguments, params IEnumerable<(string Key, string Value)> settings) => FollowAsync(Start(folder, arguments, settings));

    private static async Task<NodeProcess> FollowAsync(Process process)
    {
        var node = new NodeProcess(process);
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Follow(node._process.StandardOutput, listening);
        node.Follow(node._process.StandardError, listening);
        try
        {
            node.Client.BaseAddress = new Uri(await listening.Task.WaitAsync(TimeSpan.FromSeconds(150), TestContext.Current.CancellationToken));
            return node;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"the node does not listen:\n{node.Log}", e);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(string state, string[] arguments, params IEnumerable<(string Key, string Value)> settings) =>
        RunAsConfiguredAsync(state, arguments, [("WORK_DIR", state), .. settings]);

    /// <summary>The same in a folder, whose configuration says where the state is.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsConfiguredAsync(
        string folder, string[] arguments, params IEnumerable<(string Key, string Value)> settings)
    {
        using var process = Start(folder, arguments, settings);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', arguments)} did not end", e);
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Begins a command, and kills it once that has come about: kill -9.</summary>
    public static async Task KillWhenAsync(Func<Task<bool>> condition, string state, string[] arguments)
    {
        using var process = Start(state, arguments, [("WORK_DIR", state)]);
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!await condition())
            Assert.False(process.HasExited, "the command was over too soon");
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>kill -9, of the node alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            await EndAsync("TERM");
        _process.Dispose();
    }

    /// <summary>Sends a signal that asks the node to end, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"the node did not stop on SIG{signal}:\n{Log}", e);
        }

        return _process.ExitCode;
    }

    private long ReadStatus(string name) => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) << 10;

    private static Process Start(string folder, string[] arguments, IEnumerable<(string Key, string Value)> settings)
    {
        Assert.True(File.Exists(Binary), $"there is no {Binary}: './lazaret --version' builds it");
        // Where the tests were started by nohup, the node would ignore SIGHUP as they do.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP", Binary, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder };
        start.Environment["DOTNET_ENVIRONMENT"] = "Test";
        // Few processes here live long enough to gain by compiling their busiest methods anew (in milliseconds, as all of dotnet's numbers hexadecimal).
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "EA60";
        foreach (var (key, value) in Sandbox.Concat(settings))
            start.Environment[key] = value;
        return Process.Start(start)!;
    }

    private void Follow(StreamReader stream, TaskCompletionSource<string> listening) => _ = Task.Run(async () =>
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            _log.Enqueue(line);
            foreach (var words in (string[])["Now listening on: ", "Its console: "])
            {
                if (line.IndexOf(words, StringComparison.Ordinal) is var at and >= 0)
                    listening.TrySetResult(line[(at + words.Length)..].Split('"')[0].Split("console")[0]);
            }
        }

        listening.TrySetException(new InvalidOperationException($"the node ended:\n{Log}"));
    });
}
