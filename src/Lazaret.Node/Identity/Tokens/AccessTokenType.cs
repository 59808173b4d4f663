using Microsoft.IdentityModel.JsonWebTokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>
/// Whether a token is an access token: an issuer signs ID, refresh and logout tokens with the same key. RFC 9068 gives access tokens the type <c>at+jwt</c>; of the issuers that
/// write <c>JWT</c> or nothing there, Keycloak and Cognito say it in a claim, and other tokens show what they are by claims that access tokens have not.
/// </summary>
internal static class AccessTokenType
{
    private const string Typed = "at+jwt";

    private static readonly string[] Kinds = ["Bearer", Typed, "access", "access_token"];

    // Of ID tokens (OpenID Connect Core, 3.3.2.11), and of logout and other security events (RFC 8417).
    private static readonly string[] Foreign = ["at_hash", "c_hash", "s_hash", "events"];

    /// <summary>Null, or why it is none.</summary>
    /// <param name="token">The token, verified.</param>
    /// <param name="mustBeTyped">Whether its header must say so.</param>
    public static string? FaultOf(JsonWebToken token, bool mustBeTyped)
    {
        // RFC 7515, 4.1.9: "application/" may be left out, and media types are compared without regard to case.
        var type = token.Typ ?? "";
        const string Application = "application/";
        if (type.StartsWith(Application, StringComparison.OrdinalIgnoreCase))
            type = type[Application.Length..];
        if (type.Equals(Typed, StringComparison.OrdinalIgnoreCase))
            return null;
        if (mustBeTyped || !(type.Length == 0 || type.Equals("JWT", StringComparison.OrdinalIgnoreCase)))
            return TokenFaults.Untyped;
        var said = Texts(token, "typ").Concat(Texts(token, "token_use")).ToList();
        if (!said.TrueForAll(kind => Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)) || Foreign.Any(claim => token.TryGetPayloadValue<object>(claim, out _)))
            return TokenFaults.NoAccessToken;
        // Keycloak before version 24 wrote the nonce of the sign-in into access tokens, too.
        return said.Count == 0 && token.TryGetPayloadValue<object>("nonce", out _) ? TokenFaults.NoAccessToken : null;
    }

    private static IEnumerable<string> Texts(JsonWebToken token, string claim) => token.Claims.Where(c => c.Type == claim).Select(c => c.Value);
}
