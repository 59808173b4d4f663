using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>Why a token was refused, in words for its sender and the audit; never with anything out of the token.</summary>
internal static class TokenFaults
{
    public const string Unreadable = "The token cannot be read: it is malformed, too long, or has a control character in iss, sub, jti or kid.";
    public const string Bound = "The token is bound to a key or certificate of its holder (cnf), which this node does not check: send one that is not.";
    public const string Untyped = "The token is of another type (typ) than an access token: at+jwt.";
    public const string NoAccessToken = "The token is no access token: its claims are those of an ID, refresh or logout token.";
    public const string Unnamed = "The token names nobody that can be told apart: sub must have 1 to 200 characters, and no space at either end.";

    public const string FromTheFuture = "The token says that it is issued later than now (iat).";

    public static string Of(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "The token has expired.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenNoExpirationException => "The token has no expiry (exp).",
        SecurityTokenInvalidLifetimeException => "The token's validity ends before it begins.",
        SecurityTokenInvalidAudienceException => "The token is meant for somebody else (aud).",
        SecurityTokenInvalidIssuerException => "The token is of no issuer that this node takes (iss).",
        SecurityTokenInvalidTypeException => "The token is of another type (typ).",
        SecurityTokenInvalidAlgorithmException => "The token's algorithm is not taken (alg).",
        SecurityTokenSignatureKeyNotFoundException => "The token is signed by a key that its issuer does not show (kid), or by an algorithm that is not taken (alg).",
        SecurityTokenInvalidSignatureException => "The token's signature does not hold, or its algorithm is not taken.",
        _ => "The token does not hold.",
    };
}
