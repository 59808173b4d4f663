namespace Lazaret.Node.Admission;

/// <summary>The header by which a requester marks a request that it may send again.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 200;

    /// <summary>Null without one. A blank one is none; of a very long one the beginning counts.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers[Header].FirstOrDefault()?.Trim() is { Length: > 0 } key ? key[..Math.Min(key.Length, MaxLength)] : null;
}
