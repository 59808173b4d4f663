using System.Text.Json;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>
/// A pool of prepared sandboxes. Each one waits for one run, serves it, and ends. A run gets a prepared sandbox of its own shape (see
/// <see cref="ShapeOf"/>), if there is one; otherwise the backend starts a new sandbox for it, as without a pool. When a run ends whose
/// shape is among the last 64 different shapes, another sandbox of that shape is prepared.
/// </summary>
internal sealed partial class WarmPool : ISandbox, IAsyncDisposable
{
    /// <summary>How many shapes of past runs are remembered.</summary>
    private const int Remembered = 64;

    private readonly IWarmSandbox _backend;
    private readonly WarmPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WarmPool> _logger;
    private readonly ITimer _idle;

    private readonly Lock _gate = new();

    /// <summary>The entries of the pool, oldest first. An entry whose sandbox is still being prepared counts, too.</summary>
    private readonly List<Entry> _entries = [];

    /// <summary>The last different shapes, oldest first.</summary>
    private readonly List<string> _recent = [];

    private bool _closed;

    public WarmPool(IWarmSandbox backend, WarmPoolOptions options, TimeProvider time, ILogger<WarmPool> logger)
    {
        _backend = backend;
        _options = options;
        _time = time;
        _logger = logger;
        _idle = time.CreateTimer(_ => EndIdle(), state: null, options.Idle, options.Idle);
    }

    public string Name => _backend.Name;

    public Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken) => _backend.ProbeAsync(cancellationToken);

    /// <summary>Whether a sandbox waits for a run like this.</summary>
    public bool IsReadyFor(SandboxRun run)
    {
        var shape = ShapeOf(run);
        lock (_gate)
            return _entries.Any(entry => entry.Shape == shape && entry.Sandbox is { IsWaiting: true });
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        var shape = ShapeOf(run);
        var comesAgain = Remember(shape);
        var waiting = Take(shape);
        try
        {
            // If the prepared sandbox was killed meanwhile, the backend starts a new one.
            return waiting is { IsWaiting: true }
                ? await waiting.RunAsync(run, cancellationToken)
                : await _backend.RunAsync(run, cancellationToken);
        }
        finally
        {
            if (waiting is not null)
                await waiting.DisposeAsync();
            if (comesAgain)
                Prepare(shape, run with { Id = "warm", Inputs = run.Inputs.ToDictionary(input => input.Key, _ => default(ReadOnlyMemory<byte>)) });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _idle.DisposeAsync();
        Entry[] entries;
        lock (_gate)
        {
            _closed = true;
            entries = [.. _entries];
            _entries.Clear();
        }

        await EndAsync(entries);
    }

    /// <summary>
    /// The shape of a run: what must be the same for a prepared sandbox to serve it. That is everything but the id and the bytes of the inputs.
    /// It includes the device and inode of each mounted folder or file: if one was replaced, the prepared sandbox still has the old one mounted.
    /// </summary>
    private static string ShapeOf(SandboxRun run) => JsonSerializer.Serialize(new
    {
        run.Root,
        run.Command,
        Environment = run.EnvironmentAt(SandboxPaths.Mounted).OrderBy(variable => variable.Key, StringComparer.Ordinal),
        Inputs = run.Inputs.Keys.Order(StringComparer.Ordinal),
        run.Output,
        run.Mounts,
        run.Devices,
        run.Limits,
        Mounted = run.Mounts.Select(mount => mount.Source).Prepend(run.Root).Select(LinuxCalls.Status).Select(source => (source.Device, source.Inode).ToString()),
    });

    /// <summary>Records the shape as the latest one; true when it was already among the last shapes.</summary>
    private bool Remember(string shape)
    {
        lock (_gate)
        {
            var known = _recent.Remove(shape);
            _recent.Add(shape);
            if (_recent.Count > Remembered)
                _recent.RemoveAt(0);
            return known;
        }
    }

    private IPreparedSandbox? Take(string shape)
    {
        lock (_gate)
        {
            var entry = _entries.Find(entry => entry.Shape == shape && entry.Sandbox is not null);
            if (entry is not null)
                _entries.Remove(entry);
            return entry?.Sandbox;
        }
    }

    /// <summary>Prepares another sandbox in the background. If the pool is full, the oldest entry of another shape is removed for it.</summary>
    private void Prepare(string shape, SandboxRun run)
    {
        Entry? oldest = null;
        lock (_gate)
        {
            if (_closed)
                return;
            if (_entries.Count >= _options.Size)
            {
                oldest = _entries.Find(entry => entry.Shape != shape);
                if (oldest is null)
                    return;
                _entries.Remove(oldest);
            }

            var entry = new Entry(shape, _time.GetTimestamp());
            _entries.Add(entry);
            entry.Preparing = Task.Run(() => PrepareAsync(entry, run));
        }

        if (oldest is not null)
            _ = EndAsync(oldest);
    }

    private async Task PrepareAsync(Entry entry, SandboxRun run)
    {
        IPreparedSandbox? unwanted = null;
        try
        {
            unwanted = await _backend.PrepareAsync(run);
        }
        catch (Exception e)
        {
            // Runs are not affected: they go to the backend as if there were no pool.
            if (e is SandboxException)
                LogNotPrepared(e.Message);
            else
                LogNotPrepared(e);
        }

        lock (_gate)
        {
            if (unwanted is null)
                _entries.Remove(entry);
            else if (_entries.Contains(entry))
                (entry.Sandbox, unwanted) = (unwanted, null);
        }

        if (unwanted is not null)
            await unwanted.DisposeAsync();
    }

    private void EndIdle()
    {
        Entry[] idle;
        lock (_gate)
        {
            idle = [.. _entries.Where(entry => _time.GetElapsedTime(entry.Since) >= _options.Idle)];
            foreach (var entry in idle)
                _entries.Remove(entry);
        }

        _ = EndAsync(idle);
    }

    private static async Task EndAsync(params Entry[] entries)
    {
        foreach (var entry in entries)
        {
            await entry.Preparing;
            if (entry.Sandbox is { } sandbox)
                await sandbox.DisposeAsync();
        }
    }

    /// <summary>An entry of the pool. It has no sandbox yet while that is being prepared.</summary>
    private sealed class Entry(string shape, long since)
    {
        public string Shape => shape;

        public long Since => since;

        public Task Preparing { get; set; } = Task.CompletedTask;

        public IPreparedSandbox? Sandbox { get; set; }
    }
}
