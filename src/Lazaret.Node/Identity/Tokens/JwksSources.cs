using System.Text;
using System.Text.Json;
using Lazaret.Cohort.Files;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>Makes sources of keys: files, addresses, and addresses that an issuer's discovery document names.</summary>
internal sealed class JwksSources : IDisposable
{
    private static readonly TimeSpan FreshFile = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FreshAddress = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    // An address may be away for an hour. A file is gone because somebody took it away, but for the moment in which it is exchanged.
    private static readonly TimeSpan LongestAddress = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestFile = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // An issuer that wants to be found elsewhere is configured anew; a redirect could lead to where the operator did not point.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        MaxResponseContentBufferSize = KeySet.LargestBytes,
    };

    public JwksSources(TimeProvider time, ILogger<JwksSources> logger) => (_time, _logger) = (time, logger);

    public JwksSource OfFile(string path) => new(
        path, FreshFile, FreshFile, LongestFile, _ => Task.FromResult(RegularFile.ReadAllBytes(Path.GetFullPath(path), KeySet.LargestBytes)), _time, _logger);

    public JwksSource OfAddress(Uri address) => new(address.AbsoluteUri, FreshAddress, Pause, LongestAddress, cancellationToken => FetchAsync(address, cancellationToken), _time, _logger);

    /// <param name="authority">Below it lies the discovery document.</param>
    /// <param name="issuer">Whom that document must speak of.</param>
    public JwksSource OfAuthority(Uri authority, string issuer)
    {
        var discovery = new Uri($"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration");
        return new JwksSource(discovery.AbsoluteUri, FreshAddress, Pause, LongestAddress, async cancellationToken =>
        {
            var document = Read(await FetchAsync(discovery, cancellationToken));
            if (document.Issuer != issuer)
                throw new FormatException("the document speaks of another issuer than is configured");
            return await FetchAsync(KeyAddress.Read(document.JwksUri ?? "") ?? throw new FormatException($"jwks_uri {KeyAddress.Wanted}"), cancellationToken);
        }, _time, _logger);
    }

    public JwksSource Of(JwtIssuerOptions issuer) =>
        issuer.Authority.Length > 0 ? OfAuthority(KeyAddress.Read(issuer.Authority)!, issuer.Issuer)
        : KeyAddress.Read(issuer.Jwks) is { } address ? OfAddress(address) : OfFile(issuer.Jwks);

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> FetchAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(address, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private static OpenIdConnectConfiguration Read(byte[] document)
    {
        try
        {
            return OpenIdConnectConfiguration.Create(Encoding.UTF8.GetString(document));
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            throw new FormatException("it is no discovery document", e);
        }
    }
}
