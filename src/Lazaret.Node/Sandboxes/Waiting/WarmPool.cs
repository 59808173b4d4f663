using System.Text.Json;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>
/// Sandboxes that wait for their runs, each for one and never for a second. What was run twice of late may come again: once such a run
/// has ended, another sandbox like its is prepared. A run that none waits for is run as if there were no pool.
/// </summary>
internal sealed partial class WarmPool : ISandbox, IAsyncDisposable
{
    private const int Remembered = 64;

    private readonly IWarmSandbox _backend;
    private readonly WarmPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WarmPool> _logger;
    private readonly ITimer _idle;

    private readonly Lock _gate = new();

    /// <summary>Oldest first. One that is still being prepared counts, and has no sandbox yet.</summary>
    private readonly List<Place> _places = [];

    /// <summary>The shapes of the last runs, oldest first.</summary>
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
            return _places.Any(place => place.Shape == shape && place.Sandbox is { IsWaiting: true });
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        var shape = ShapeOf(run);
        var comesAgain = Remember(shape);
        var waiting = Take(shape);
        try
        {
            // One that something outside has ended is none.
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
        Place[] places;
        lock (_gate)
        {
            _closed = true;
            places = [.. _places];
            _places.Clear();
        }

        await EndAsync(places);
    }

    /// <summary>
    /// What must be the same for a sandbox to serve a run: everything but the id and the bytes of the inputs. A folder or file that has been
    /// put in another's place is another, since the sandbox that waits holds the old one.
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
        Held = run.Mounts.Select(mount => mount.Source).Prepend(run.Root).Select(LinuxCalls.Status).Select(held => (held.Device, held.Inode).ToString()),
    });

    /// <summary>Whether it was among the last runs.</summary>
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
            var place = _places.Find(place => place.Shape == shape && place.Sandbox is not null);
            if (place is not null)
                _places.Remove(place);
            return place?.Sandbox;
        }
    }

    /// <summary>Has another sandbox prepared, in the place of the oldest of another shape when there is no room.</summary>
    private void Prepare(string shape, SandboxRun run)
    {
        Place? oldest = null;
        lock (_gate)
        {
            if (_closed)
                return;
            if (_places.Count >= _options.Size)
            {
                oldest = _places.Find(place => place.Shape != shape);
                if (oldest is null)
                    return;
                _places.Remove(oldest);
            }

            var place = new Place(shape, _time.GetTimestamp());
            _places.Add(place);
            place.Preparing = Task.Run(() => PrepareAsync(place, run));
        }

        if (oldest is not null)
            _ = EndAsync(oldest);
    }

    private async Task PrepareAsync(Place place, SandboxRun run)
    {
        IPreparedSandbox? unwanted = null;
        try
        {
            unwanted = await _backend.PrepareAsync(run);
        }
        catch (Exception e)
        {
            // The runs go on without.
            LogNotPrepared(e);
        }

        lock (_gate)
        {
            if (unwanted is null)
                _places.Remove(place);
            else if (_places.Contains(place))
                (place.Sandbox, unwanted) = (unwanted, null);
        }

        if (unwanted is not null)
            await unwanted.DisposeAsync();
    }

    private void EndIdle()
    {
        Place[] idle;
        lock (_gate)
        {
            idle = [.. _places.Where(place => _time.GetElapsedTime(place.Since) >= _options.Idle)];
            foreach (var place in idle)
                _places.Remove(place);
        }

        _ = EndAsync(idle);
    }

    private static async Task EndAsync(params Place[] places)
    {
        foreach (var place in places)
        {
            await place.Preparing;
            if (place.Sandbox is { } sandbox)
                await sandbox.DisposeAsync();
        }
    }

    /// <summary>Of a sandbox in the pool; it is empty while that is being prepared.</summary>
    private sealed class Place(string shape, long since)
    {
        public string Shape => shape;

        public long Since => since;

        public Task Preparing { get; set; } = Task.CompletedTask;

        public IPreparedSandbox? Sandbox { get; set; }
    }
}
