using System.Globalization;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>
/// Keeps the last answer of <see cref="DataAccess.Fault"/> for the readiness probe. Finding the answer takes a stat of every volume, which is
/// too much for each probe. The answer is for one reading of the view: when its tables change, the volumes are looked at again.
/// </summary>
internal sealed class ReadableData
{
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly PatientReader<Seen> _looking;
    private volatile DataView? _asked;
    private volatile Seen? _latest;

    public ReadableData(TimeProvider time)
    {
        _time = time;
        _looking = new PatientReader<Seen>(Look, time);
    }

    /// <summary>What keeps programs from reading the view's files, as of at most <see cref="Fresh"/> ago; null when nothing does.</summary>
    /// <param name="patience">How long to wait for the files. A look that takes longer is answered for by the one before, for a while.</param>
    public string? Fault(DataView view, TimeSpan patience)
    {
        _asked = view;
        if (_looking.TryRead(patience, out var seen, out var since))
            return seen!.Fault;
        return _latest is { } latest && ReferenceEquals(latest.View, view) && _time.GetUtcNow() - since < LongestLook ? latest.Fault
            : string.Create(CultureInfo.InvariantCulture, $"the volumes of the data view do not answer, since {since:HH:mm:ss} UTC: see whether the server of their mount is there");
    }

    private Seen Look()
    {
        var (view, latest) = (_asked!, _latest);
        if (latest is null || !ReferenceEquals(latest.View, view) || _time.GetElapsedTime(latest.At) >= Fresh)
            _latest = latest = new Seen(view, DataAccess.Fault(view), _time.GetTimestamp());
        return latest;
    }

    private sealed record Seen(DataView View, string? Fault, long At);
}
