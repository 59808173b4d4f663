using System.Collections.Frozen;
using Lazaret.Node.Configuration;
using Lazaret.Node.Sandboxes.Bubblewrap;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Node.Sandboxes.Oci;
using Lazaret.Node.Sandboxes.Process;
using Lazaret.Node.Sandboxes.Waiting;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Sandboxes;

/// <summary>The backends by name, and the one that the configuration chooses.</summary>
public sealed class SandboxBackends : IAsyncDisposable
{
    /// <summary>The name that stands for the strongest backend this machine can run.</summary>
    public const string Auto = "auto";

    private const string Process = "process";

    private const string NotInProduction = "it isolates nothing, and the environment is Production";
    private const string AnotherOne = "name another one in Lazaret:Sandbox:Backend, or leave it at auto";

    /// <summary>A line for each backend, in the order of <see cref="Auto"/>: strongest first.</summary>
    private static readonly (string Name, Func<SandboxOptions, StateFolder, TimeProvider, ILoggerFactory, ISandbox> Make)[] Table =
    [
        ("microvm", (options, state, time, _) => new MicroVmSandbox(options, state, MachineDrivers.Of(options, state, time), time)),
        ("gvisor", (options, _, time, _) => new OciSandbox("gvisor", [OciRuntime.Runsc], options, time)),
        ("bubblewrap", (options, _, time, _) => new BubblewrapSandbox(options, time)),
        ("oci", (options, _, time, _) => new OciSandbox("oci", options.Oci.Candidates, options, time)),
        (Process, (_, _, time, loggers) => new ProcessSandbox(time, loggers.CreateLogger<ProcessSandbox>())),
    ];

    /// <summary>None is made before it is asked for: what is not chosen does nothing on this machine.</summary>
    private readonly Lazy<ISandbox>[] _strongestFirst;
    private readonly FrozenDictionary<string, Lazy<ISandbox>> _byName;
    private readonly SandboxOptions _options;
    private readonly NodeEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _choosing = new();
    private Task<(ISandbox Backend, SandboxProbe Probe)>? _choice;

    public SandboxBackends(SandboxOptions options, StateFolder state, NodeEnvironment environment, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _environment = environment;
        _time = time;
        _loggers = loggers;
        _strongestFirst = [.. Table.Select(backend => new Lazy<ISandbox>(() => backend.Make(options, state, time, loggers)))];
        _byName = Table.Zip(_strongestFirst).ToFrozenDictionary(backend => backend.First.Name, backend => backend.Second, StringComparer.Ordinal);
    }

    /// <summary>What the configuration may say.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. Table.Select(backend => backend.Name)];

    /// <summary>What of the options Production does not take, and what mends it; null where no machine need be tried to know.</summary>
    internal static string? FaultInProduction(SandboxOptions options) => options.Backend == Process ? $"Lazaret:Sandbox:Backend: is {Process}: {NotInProduction}: {AnotherOne}" : null;

    /// <summary>The configured backend, tried once on this machine and then kept.</summary>
    /// <exception cref="SandboxException">It does not run here; the message says why and what to do.</exception>
    public async Task<ISandbox> ChooseAsync(CancellationToken cancellationToken) => (await ChosenAsync(cancellationToken)).Backend;

    /// <summary>What the configured backend could do when it was tried.</summary>
    /// <inheritdoc cref="ChooseAsync(CancellationToken)"/>
    public async Task<SandboxProbe> ProbeOfChosenAsync(CancellationToken cancellationToken) => (await ChosenAsync(cancellationToken)).Probe;

    /// <summary>Every backend, strongest first, with what it can do here: for <c>lazaret doctor</c>.</summary>
    public async Task<IReadOnlyList<(ISandbox Backend, SandboxProbe Probe)>> ProbeAsync(CancellationToken cancellationToken)
    {
        var probes = new List<(ISandbox, SandboxProbe)>();
        foreach (var backend in _strongestFirst.Select(backend => backend.Value))
        {
            try
            {
                probes.Add((backend, await ProbeAsync(backend, cancellationToken)));
            }
            catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
            {
                // A start would end here, too.
                probes.Add((backend, SandboxProbe.Refused(e.Message)));
            }
        }

        return probes;
    }

    public async ValueTask DisposeAsync()
    {
        if (_choice is { IsCompletedSuccessfully: true } choice && (await choice).Backend is WarmPool pool)
            await pool.DisposeAsync();
    }

    private Task<(ISandbox Backend, SandboxProbe Probe)> ChosenAsync(CancellationToken cancellationToken)
    {
        lock (_choosing)
        {
            if (_choice is null or { IsFaulted: true })
                _choice = ChooseAsync();
            return _choice.WaitAsync(cancellationToken);
        }
    }

    private async Task<(ISandbox Backend, SandboxProbe Probe)> ChooseAsync()
    {
        var (chosen, probe) = await (_options.Backend == Auto ? StrongestAsync() : NamedAsync(_byName[_options.Backend].Value));
        var backend = chosen is IWarmSandbox warm && _options.WarmPool.Size > 0 && _options.WarmPool.Size < _options.UidCount
            ? new WarmPool(warm, _options.WarmPool, _time, _loggers.CreateLogger<WarmPool>())
            : chosen;
        return (backend, probe);
    }

    private async Task<(ISandbox Backend, SandboxProbe Probe)> StrongestAsync()
    {
        var reasons = new List<string>();
        foreach (var backend in _strongestFirst.Select(backend => backend.Value))
        {
            var probe = await ProbeAsync(backend, CancellationToken.None);
            if (probe is { Available: true, OnlyByName: false })
                return (backend, probe);
            if (probe.IsRefused)
                throw new SandboxException($"{backend.Name} would run on this machine: {probe.Why}");
            reasons.Add($"{backend.Name}: {probe.Why}");
        }

        throw new SandboxException($"No sandbox runs on this machine. {string.Join(". ", reasons)}");
    }

    private async Task<(ISandbox Backend, SandboxProbe Probe)> NamedAsync(ISandbox backend)
    {
        var probe = await ProbeAsync(backend, CancellationToken.None);
        return probe.Available
            ? (backend, probe)
            : throw new SandboxException($"Lazaret:Sandbox:Backend is {backend.Name}, which does not run on this machine: {probe.Why}{(probe.Mend.Length > 0 && !probe.Why.Contains(probe.Mend, StringComparison.Ordinal) ? $": {probe.Mend}" : "")}");
    }

    private async Task<SandboxProbe> ProbeAsync(ISandbox backend, CancellationToken cancellationToken) =>
        backend.Name == Process && _environment.IsProduction
            ? SandboxProbe.Unavailable(NotInProduction, AnotherOne)
            : await backend.ProbeAsync(cancellationToken);
}
