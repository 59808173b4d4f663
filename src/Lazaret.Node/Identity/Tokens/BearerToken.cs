using System.Text.Json;
using Lazaret.Cohort.Files;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>The JSON Web Token that a request brings, read but not verified: it only tells which mode is to check it.</summary>
internal static class BearerToken
{
    /// <summary>In characters. Access tokens of hospitals' issuers may list groups; a client's own assertion is far smaller.</summary>
    public const int Longest = 16 << 10;

    // A signed token has three parts. One with five is encrypted, and nobody can encrypt for this node.
    private const int Dots = 2;

    private static readonly object Item = new();

    /// <summary>Whether the request's credentials have the form of a signed token.</summary>
    public static bool IsIn(HttpRequest request) => Presented.BearerOf(request) is { } bearer && bearer.Count('.') == Dots;

    /// <summary>Null when the request has none, or one that cannot be read.</summary>
    public static JsonWebToken? Of(HttpRequest request)
    {
        var items = request.HttpContext.Items;
        if (!items.TryGetValue(Item, out var read))
            items[Item] = read = IsIn(request) ? Read(Presented.BearerOf(request)!) : null;
        return (JsonWebToken?)read;
    }

    public static string? IssuerIn(HttpRequest request) => Of(request)?.Issuer;

    /// <summary>Null when it is none, or longer than any that is taken.</summary>
    public static JsonWebToken? Read(string text)
    {
        if (text.Length > Longest || text.Count('.') != Dots)
            return null;
        try
        {
            var token = new JsonWebToken(text);
            // Decoded only when they are asked for. They are looked up and written down: no database takes every character.
            _ = token.Audiences;
            if (((string?[])[token.Issuer, token.Subject, token.Id, token.Kid]).Any(name => name is not null && PlainText.FindUnplain(name) is not null))
                return null;
            // RFC 7515, 4.1.11: it names what the reader must understand. The library does not look at it, and the node understands none.
            return token.TryGetHeaderValue<object>("crit", out _) ? null : token;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or JsonException or SecurityTokenException or InvalidOperationException)
        {
            return null;
        }
    }
}
