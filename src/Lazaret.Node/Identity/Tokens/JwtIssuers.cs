using System.Collections.Frozen;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>The issuers whose access tokens are taken, with their keys, by <c>iss</c>.</summary>
internal sealed class JwtIssuers(JwtOptions options, JwksSources sources)
{
    private readonly FrozenDictionary<string, JwtIssuer> _issuers =
        options.Issuers.ToFrozenDictionary(issuer => issuer.Issuer, issuer => new JwtIssuer(issuer, sources.Of(issuer)), StringComparer.Ordinal);

    public JwtIssuer? Find(string? issuer) => issuer is null ? null : _issuers.GetValueOrDefault(issuer);
}

/// <summary>An issuer and where its keys come from.</summary>
internal sealed record JwtIssuer(JwtIssuerOptions Options, JwksSource Keys);
