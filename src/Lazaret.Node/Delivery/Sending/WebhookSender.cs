using System.Net;
using System.Net.Http.Headers;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Delivery.Sending;

/// <summary>
/// Makes one attempt: POSTs a message, and looks at the status. The receiver is a stranger: nothing of its answer is read but the
/// status and Retry-After, under limits of time and size; redirects are answers like any other; no proxy, no cookies.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private const int MaxResponseHeadersKiB = 16;

    private readonly HttpClient _client;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;

    public WebhookSender(WebhookOptions options, WebhookAddresses addresses, TimeProvider time)
    {
        (_options, _time) = (options, time);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = new GuardedConnection(addresses).OpenAsync,
            ConnectTimeout = TimeSpan.FromSeconds(options.ConnectSeconds),
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = MaxResponseHeadersKiB,
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        _client = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Lazaret", NodeVersion.Current));
    }

    /// <param name="url">Where to.</param>
    /// <param name="id">The message's id: the same at every attempt, so that a receiver knows what it has had.</param>
    /// <param name="body">The message.</param>
    /// <param name="secrets">The receiver's secrets, the newest first.</param>
    /// <param name="legacy">Whether to add CliniSandbox's signature.</param>
    /// <param name="cancellationToken">Ends the attempt early.</param>
    public async Task<AttemptOutcome> SendAsync(
        Uri url, string id, byte[] body, IReadOnlyList<string> secrets, bool legacy, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, $"{now.ToUnixTimeSeconds()}");
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(id, now, body, secrets));
        if (legacy)
            request.Headers.Add(WebhookSignature.LegacyHeader, WebhookSignature.SignLegacy(body, secrets[0]));

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Timeout);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return response switch
            {
                { IsSuccessStatusCode: true } => new AttemptOutcome.Taken((int)response.StatusCode),
                { StatusCode: HttpStatusCode.Gone } => new AttemptOutcome.Gone(),
                _ => new AttemptOutcome.Refused((int)response.StatusCode, RetryAfter(response)),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Ours, or the handler's own limit on connecting.
            return new AttemptOutcome.Unanswered(AttemptEnd.TimedOut);
        }
        catch (HttpRequestException e)
        {
            return new AttemptOutcome.Unanswered(e switch
            {
                { InnerException: RefusedAddressException } => AttemptEnd.AddressRefused,
                { HttpRequestError: HttpRequestError.NameResolutionError } => AttemptEnd.NoSuchHost,
                { HttpRequestError: HttpRequestError.SecureConnectionError } => AttemptEnd.Untrusted,
                _ => AttemptEnd.Disconnected,
            });
        }
    }

    public void Dispose() => _client.Dispose();

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - _time.GetUtcNow();
}
