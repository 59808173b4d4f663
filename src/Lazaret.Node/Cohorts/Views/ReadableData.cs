using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>
/// Keeps the last answer of <see cref="DataAccess.Fault"/> for the readiness probe. Finding the answer takes a stat of every volume, which is
/// too much for each probe. The answer is for one reading of the view: when its tables change, the volumes are looked at again.
/// </summary>
internal sealed class ReadableData(TimeProvider time)
{
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _looking = new();
    private Seen? _latest;

    /// <summary>What keeps programs from reading the view's files, as of at most <see cref="Fresh"/> ago; null when nothing does.</summary>
    public string? Fault(DataView view)
    {
        lock (_looking)
        {
            if (_latest is null || !ReferenceEquals(_latest.View, view) || time.GetElapsedTime(_latest.At) >= Fresh)
                _latest = new Seen(view, DataAccess.Fault(view), time.GetTimestamp());
            return _latest.Fault;
        }
    }

    private sealed record Seen(DataView View, string? Fault, long At);
}
