namespace Lazaret.Node.Identity.Tokens;

/// <summary>
/// The keys of one issuer or client (a JSON Web Key Set, RFC 7517), read again when they are old and when a token names a key that is not among them. Whoever sends random key ids
/// makes the node read once in a while, and no more; a source that does not answer is not asked again for the same time. Keys that were read serve for
/// a while when the source is away; a set without keys is an answer: its owner has taken them away.
/// </summary>
internal sealed partial class JwksSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _source;
    private readonly TimeSpan _fresh;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _longest;
    private readonly Func<CancellationToken, Task<byte[]>> _read;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile Known? _known;
    private volatile bool _isAway;
    private long? _paused;
    private Task? _reading;

    /// <param name="source">For messages: a file or an address.</param>
    /// <param name="fresh">For how long what was read is taken without reading again.</param>
    /// <param name="pause">The least time between two readings that a failure or an unknown key id caused.</param>
    /// <param name="longest">For how long keys that were read serve while the source is away.</param>
    public JwksSource(string source, TimeSpan fresh, TimeSpan pause, TimeSpan longest, Func<CancellationToken, Task<byte[]>> read, TimeProvider time, ILogger logger) =>
        (_source, _fresh, _pause, _longest, _read, _time, _logger) = (source, fresh, pause, longest, read, time, logger);

    /// <summary>The keys of this id, read anew if need be.</summary>
    /// <exception cref="ProofUnavailableException">There are none, and the source does not answer.</exception>
    public async Task<KeySet> GetAsync(string? kid, CancellationToken cancellationToken)
    {
        // While the source is away, those whose key is known need not wait to see it fail again.
        var reading = ReadingFor(kid);
        if (!_isAway || Latest is not { } latest || latest.Find(kid).Count == 0)
            await reading.WaitAsync(cancellationToken);
        return Latest ?? throw new ProofUnavailableException("The keys of the token's issuer cannot be read now: try again.");
    }

    /// <summary>What was read last; null when there is nothing, or nothing recent.</summary>
    public KeySet? Latest => _known is { } known && _time.GetElapsedTime(known.At) < _longest ? known.Keys : null;

    // Those who ask while a reading goes on wait for that one.
    private Task ReadingFor(string? kid)
    {
        lock (_lock)
        {
            var isOld = _known is not { } known || _time.GetElapsedTime(known.At) >= _fresh;
            var isUnknown = !isOld && !string.IsNullOrEmpty(kid) && _known!.Keys.Find(kid).Count == 0;
            if (!isOld && !isUnknown)
                return Task.CompletedTask;
            if (_reading is { IsCompleted: false })
                return _reading;
            if (_paused is { } since && _time.GetElapsedTime(since) < _pause)
                return Task.CompletedTask;
            if (isUnknown)
                _paused = _time.GetTimestamp();
            return _reading = Task.Run(ReadAsync);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, _time);
            var document = await _read(patience.Token).WaitAsync(patience.Token);
            var at = _time.GetTimestamp();
            // The same objects for the same keys: the library keeps a verifier for each object.
            var keys = _known is { } known && known.Keys.Document.AsSpan().SequenceEqual(document) ? known.Keys : KeySet.ReadAny(document);
            _known = new Known(keys, at);
            _isAway = false;
        }
        catch (Exception e)
        {
            // Whatever it is that an issuer shows, it must not fail the requests of those whose keys are known.
            _isAway = true;
            lock (_lock)
                _paused = _time.GetTimestamp();
            LogFailed(_logger, _source, e.Message);
        }
    }

    private sealed record Known(KeySet Keys, long At);

    [LoggerMessage(LogLevel.Warning, "The keys at {Source} cannot be read: {Why}")]
    private static partial void LogFailed(ILogger logger, string source, string why);
}
