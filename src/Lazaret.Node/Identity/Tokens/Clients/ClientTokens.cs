using Lazaret.Node.Identity.Registered;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>Checks tokens that registered clients sign themselves: short-lived, for one address, used once.</summary>
internal sealed class ClientTokens(RequesterDirectory directory, ClientKeys keys, SpentTokens spent, JwtOptions options, TimeProvider time)
{
    private const int LongestId = 256;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = BearerToken.Longest };

    /// <exception cref="ProofUnavailableException">The client's keys cannot be read now.</exception>
    public async Task<ClientTokenVerdict> CheckAsync(string text, ClientTokenRules rules, CancellationToken cancellationToken)
    {
        // 1. Whose it claims to be.
        if (BearerToken.Read(text) is not { } token)
            return new ClientTokenVerdict.Refused(TokenFaults.Unreadable);
        if (string.IsNullOrEmpty(token.Issuer) || await directory.FindAsync(rules.Kind, token.Issuer, cancellationToken) is not { } client)
            return new ClientTokenVerdict.Refused("The client is not registered (iss), or was revoked.");

        // 2. The key, by its id alone: an address in the token is compared, and never fetched.
        if (token.TryGetHeaderValue<string>("jku", out var jku) && jku != ClientKeys.AddressOf(client.Content))
            return Refuse("The token's jku is not the address that the client is registered with.");
        if (string.IsNullOrEmpty(token.Kid))
            return Refuse("The token does not name its key (kid).");
        var known = await keys.GetAsync(client.Content, token.Kid, cancellationToken);

        // 3. Signature, audience, expiry.
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = token.Issuer,
            AudienceValidator = (audiences, _, _) => audiences.ToList() is [var only] && rules.Audiences.Contains(only, StringComparer.Ordinal) ? true : throw new SecurityTokenInvalidAudienceException(),
            IssuerSigningKeys = known.Find(token.Kid, token.Alg),
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = rules.Algorithms,
            ClockSkew = options.ClockSkew,
        });
        if (!result.IsValid)
            return Refuse(TokenFaults.Of(result.Exception));

        // 4. What the specifications ask beyond that.
        var now = time.GetUtcNow();
        var (issued, expires) = (new DateTimeOffset(token.IssuedAt, TimeSpan.Zero), new DateTimeOffset(token.ValidTo, TimeSpan.Zero));
        if (expires - now > Longest + options.ClockSkew)
            return Refuse("The token is valid for longer than five minutes (exp).");
        if (issued > now + options.ClockSkew)
            return Refuse(TokenFaults.FromTheFuture);
        if (rules.SubjectIsIssuer && token.Subject != token.Issuer)
            return Refuse("The token's iss and sub are not both the client's id.");
        if (!rules.SubjectIsIssuer && (issued == default || expires - issued > Longest))
            return Refuse("The token does not say when it was issued (iat), or that is more than five minutes before its end.");
        if (token.Id is not { Length: > 0 and <= LongestId } id)
            return Refuse($"The token has no id (jti) of at most {LongestId} characters.");

        // 5. Once. At last, so that nobody but the client can spend its tokens. Another process, whose clock may be ahead, must not forget it while this one would take it.
        return await spent.SpendAsync(rules.Kind, token.Issuer, id, expires + (2 * options.ClockSkew), cancellationToken)
            ? new ClientTokenVerdict.Valid(client.Requester)
            : Refuse("The token was used before (jti).");

        ClientTokenVerdict.Refused Refuse(string words) => new(words) { Claimed = client.Requester.Name };
    }
}

/// <summary>What became of a token.</summary>
internal abstract record ClientTokenVerdict
{
    public sealed record Valid(Requester Requester) : ClientTokenVerdict;

    /// <param name="Words">For its sender and the audit.</param>
    public sealed record Refused(string Words) : ClientTokenVerdict
    {
        /// <summary>The registered client that it says it is of, be it true or not; null for none.</summary>
        public string? Claimed { get; init; }
    }
}
