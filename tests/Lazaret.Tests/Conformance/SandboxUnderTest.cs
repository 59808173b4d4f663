using System.Collections.Concurrent;
using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Tests.Conformance;

/// <summary>A backend out of the real registration, and runs of shell scripts in it. The root is a few of the host's tools.</summary>
internal static class SandboxUnderTest
{
    /// <summary>Away from the ids of a node that may be running on this machine.</summary>
    public const int FirstUid = 95_000;

    public const int UidCount = 64;

    private static readonly ConcurrentDictionary<SandboxOptions, SandboxBackends> Probed = new();

    public static SandboxBackends Backends(string name, string environment = "Development") => Backends(new SandboxOptions { Backend = name }, environment);

    public static SandboxBackends Backends(
        SandboxOptions options, string environment = "Development", string? state = null, TimeProvider? time = null) => new(
        // The backend by itself: what a test looks for must not be another's that waits.
        options with { FirstUid = FirstUid, UidCount = UidCount, WarmPool = new() { Size = 0 } },
        new StateFolder(state ?? SandboxGuest.State, readers: 0),
        new NodeEnvironment(environment),
        time ?? TimeProvider.System,
        NullLoggerFactory.Instance);

    /// <inheritdoc cref="BackendAsync(SandboxBackends, SandboxOptions)"/>
    public static Task<ISandbox> BackendAsync(SandboxOptions options) => BackendAsync(Probed.GetOrAdd(options, _ => Backends(options)), options);

    /// <summary>The backend; a machine that lacks it skips the test, and fails it under CI.</summary>
    public static async Task<ISandbox> BackendAsync(SandboxBackends backends, SandboxOptions options)
    {
        try
        {
            if (options.Backend == "microvm")
                await SandboxGuest.BuildAsync();
            return await backends.ChooseAsync(TestContext.Current.CancellationToken);
        }
        catch (SandboxException e) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    /// <summary>A script that finds its folders in $WORK and $DATA and writes its output to "$WORK/out".</summary>
    public static SandboxRun Script(string script) => new()
    {
        Id = $"test-{Environment.ProcessId}",
        Root = SmallRoot.Folder,
        Command = ["/bin/bash", "-c", script],
        Environment = paths => new Dictionary<string, string> { ["WORK"] = paths.Work, ["DATA"] = paths.Data },
        Inputs = new Dictionary<string, ReadOnlyMemory<byte>> { ["in.json"] = "{\"a\":1}"u8.ToArray() },
        Output = "out",
        Limits = new SandboxLimits { Timeout = TimeSpan.FromSeconds(20) },
    };
}
