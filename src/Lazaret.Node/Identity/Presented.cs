namespace Lazaret.Node.Identity;

/// <summary>How an authentication mode recognizes that a request brings its kind of proof. The first mode that does so checks it.</summary>
/// <param name="Scheme">The authentication scheme that checks the proof.</param>
/// <param name="Challenge">What <c>WWW-Authenticate</c> says to those who bring nothing; null where another mode says the same.</param>
internal sealed record Presented(string Scheme, Func<HttpRequest, bool> IsIn, string? Challenge)
{
    /// <summary>The credentials after <c>Authorization: Bearer</c>; null where the request has none.</summary>
    public static string? BearerOf(HttpRequest request)
    {
        const string Begin = "Bearer ";
        return request.Headers.Authorization is [{ } header] && header.StartsWith(Begin, StringComparison.OrdinalIgnoreCase) ? header[Begin.Length..].Trim() : null;
    }
}
