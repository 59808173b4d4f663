using Lazaret.Cohort.Files;

namespace Lazaret.Node.Http.Bodies;

/// <summary>A request's body while the node holds it: under a size, a deadline and a share of the memory, which disposing gives back.</summary>
internal sealed class IncomingBody : IDisposable
{
    private readonly HttpRequest _request;
    private readonly BodyShare _share;
    private readonly long _max;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _stop;

    internal IncomingBody(HttpRequest request, BodyShare share, long max, CancellationTokenSource deadline, CancellationToken aborted)
    {
        (_request, _share, _max, _deadline) = (request, share, max, deadline);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, deadline.Token, share.Ended);
    }

    /// <summary>Cancelled when nothing more is to be read: pass it to every read.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The whole body, without a byte order mark.</summary>
    public async Task<BodyReading> ReadAsync()
    {
        try
        {
            await using var body = await OpenAsync();
            await using var buffer = NewBuffer(IsPacked ? 0 : _request.ContentLength ?? 0);
            await body.CopyToAsync(buffer, Stop);
            var bytes = await buffer.ToArrayAsync(Stop);
            Arrived();
            return new BodyReading.Whole(Utf8Text.WithoutMark(bytes));
        }
        catch (Exception e) when (RefusalOf(e) is { } refusal)
        {
            return new BodyReading.Refused(refusal);
        }
    }

    /// <summary>The body's bytes, unpacked, to be read once.</summary>
    internal async Task<Stream> OpenAsync()
    {
        if (_request.ContentLength > _max)
            throw new BodyRefusedException(BodyRefusal.TooLarge(_max));
        if (!IsPacked)
            return new ArrivingBody(_request.BodyReader, _max, Stop);
        // Whole, for only its end says whether something was cut off; and the deadline is over when it is being unpacked.
        await using var packed = NewBuffer(_request.ContentLength ?? 0);
        await using var arriving = new ArrivingBody(_request.BodyReader, _max, Stop);
        await arriving.CopyToAsync(packed, Stop);
        var bytes = await packed.ToArrayAsync(Stop);
        Arrived();
        return new InflatedBody(bytes, _max);
    }

    /// <summary>A place to keep bytes of this body in.</summary>
    internal BodyBuffer NewBuffer(long expected = 0) => new(_share, expected);

    /// <summary>Nothing of the body is to come any more: it cannot stall, and its deadline is over.</summary>
    internal void Arrived()
    {
        _share.Arrived();
        _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>What a failed read says of the body; null when it is a failure of another kind.</summary>
    internal BodyRefusal? RefusalOf(Exception failure)
    {
        var refusal = failure switch
        {
            BodyRefusedException refused => refused.Refusal,
            OperationCanceledException when _deadline.IsCancellationRequested || _share.Ended.IsCancellationRequested => BodyRefusal.TooSlow,
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => BodyRefusal.TooSlow,
            _ => null,
        };
        var answer = _request.HttpContext.Response.Headers;
        if (refusal == BodyRefusal.NoMemory)
            answer.RetryAfter = RetryLater.Seconds;
        else if (refusal == BodyRefusal.UnknownEncoding)
            answer.AcceptEncoding = "gzip";
        return refusal;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _deadline.Dispose();
        _share.Dispose();
    }

    // RFC 9110, 8.4.1.3: x-gzip is another name for gzip.
    private bool IsPacked => _request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => false,
        "gzip" or "x-gzip" => true,
        _ => throw new BodyRefusedException(BodyRefusal.UnknownEncoding),
    };
}
