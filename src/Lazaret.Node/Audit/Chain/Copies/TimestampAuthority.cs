using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Audit.Chain.Copies;

/// <summary>
/// Asks a time-stamping authority (RFC 3161) to sign when a checkpoint existed. It learns a hash and nothing else. The stamp goes into the file of the
/// checkpoints' copies, beside its checkpoint.
/// </summary>
internal sealed class TimestampAuthority(AuditOptions options, CheckpointCopies copies, ILogger<TimestampAuthority> logger) : IDisposable
{
    private const int MaxBytes = 1 << 16;

    private readonly Outage _stamping = new(logger, "The time-stamping authority does not stamp the audit's checkpoints");
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxBytes };

    /// <summary>A failure is logged: the next checkpoint's stamp covers this one, too.</summary>
    public async Task StampAsync(AuditCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        if (options.TimestampUrl.Length == 0)
            return;
        try
        {
            var request = Rfc3161TimestampRequest.CreateFromData(StampedOf(checkpoint), HashAlgorithmName.SHA256, nonce: RandomNumberGenerator.GetBytes(8), requestSignerCertificates: true);
            using var content = new ByteArrayContent(request.Encode());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
            using var answer = await _client.PostAsync(new Uri(options.TimestampUrl), content, cancellationToken);
            answer.EnsureSuccessStatusCode();
            // Refuses a stamp that is not of this hash and nonce.
            var token = request.ProcessResponse(await answer.Content.ReadAsByteArrayAsync(cancellationToken), out _);
            copies.Add(new CheckpointStamp(checkpoint.Number, token.AsSignedCms().Encode()));
            _stamping.Passed();
        }
        catch (Exception e) when (e is HttpRequestException or CryptographicException or IOException or UnauthorizedAccessException or MissingException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _stamping.Failed(e);
        }
    }

    /// <summary>When the checkpoint existed, by this stamp; null when the stamp is not of this checkpoint, or its signature is wrong.</summary>
    public static (DateTimeOffset At, string By)? Read(byte[] stamp, AuditCheckpoint checkpoint) =>
        Rfc3161TimestampToken.TryDecode(stamp, out var token, out _) && token.VerifySignatureForData(StampedOf(checkpoint), out var signer)
            ? (token.TokenInfo.Timestamp, signer!.Subject)
            : null;

    public void Dispose() => _client.Dispose();

    // The checkpoint's line as it stands in files, so that 'openssl ts -verify' can check it.
    private static byte[] StampedOf(AuditCheckpoint checkpoint) => Encoding.ASCII.GetBytes(checkpoint.Write());
}
