using Lazaret.Fhir;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Diagnoses;

/// <summary>
/// Bounds how many bundles are judged at once: judging takes about twelve times a bundle's size in memory, and a processor. The others wait in line.
/// </summary>
/// <param name="processor">The processor time of the thread that calls it.</param>
internal sealed class FhirJudging(FhirOptions options, TimeProvider time, Func<TimeSpan> processor) : IDisposable
{
    /// <summary>What a requester is told that waited in vain.</summary>
    public const string Busy = "The node is judging as many bundles as it can: send it again later.";

    private readonly SemaphoreSlim _free = new(options.ConcurrentJudging > 0 ? options.ConcurrentJudging : Environment.ProcessorCount);

    public FhirJudging(FhirOptions options, TimeProvider time)
        : this(options, time, LinuxCalls.ThreadTime)
    {
    }

    // By the clock, waiting in line may take as long as the judging afterwards.
    private TimeSpan Limit => TimeSpan.FromSeconds(options.ValidationSeconds);

    /// <summary>What one request may spend. The clock runs from now on.</summary>
    public FhirBudget Budget(CancellationToken cancellationToken) => new(Limit, time, cancellationToken, processor);

    /// <summary>A turn, which disposing ends; null when none came in time. One request must not hold two.</summary>
    /// <exception cref="OperationCanceledException">The requester waits no longer.</exception>
    public async Task<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Limit * FhirBudget.Ceiling, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await _free.WaitAsync(stop.Token);
            return new Turn(_free);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _free.Dispose();

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
