namespace Lazaret.Node.Health;

/// <summary>A line in the log when a check of the readiness begins to fail, with why, and one when it passes again: most of what is checked nobody misses before a request comes.</summary>
internal sealed partial class ReadinessLog(TimeProvider time, ILogger<ReadinessLog> logger)
{
    private readonly Dictionary<string, long> _since = new(StringComparer.Ordinal);

    /// <summary>Not to be called by two threads at once.</summary>
    public void Note(Readiness readiness)
    {
        foreach (var (name, why) in readiness.NotReady)
        {
            if (_since.TryAdd(name, time.GetTimestamp()))
                LogBegan(name, why);
        }

        // While the database is away other checks are not made, and have not passed.
        foreach (var name in readiness.Examined.Where(name => !readiness.NotReady.ContainsKey(name)))
        {
            if (_since.Remove(name, out var since))
                LogOver(name, (long)time.GetElapsedTime(since).TotalSeconds);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not ready: {Check}: {Why}")]
    private partial void LogBegan(string check, string why);

    [LoggerMessage(LogLevel.Information, "Ready again: {Check}, after {Seconds} s")]
    private partial void LogOver(string check, long seconds);
}
