using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Tests.Delivery;

/// <summary>The verification that docs/webhooks.md gives to C# programmers; a test compares the two.</summary>
internal static class DocumentedVerifier
{
    public static bool Holds(string secret, ReceivedWebhook webhook, DateTimeOffset now) => Verify(secret, webhook.Headers, webhook.Body, now);

public static bool Verify(string secret, IReadOnlyDictionary<string, string> headers, byte[] body, DateTimeOffset now)
{
    var timestamp = headers["webhook-timestamp"];
    if (!long.TryParse(timestamp, CultureInfo.InvariantCulture, out var sent) || Math.Abs(now.ToUnixTimeSeconds() - sent) > 300)
        return false;
    byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{timestamp}."), .. body];
    var expected = $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed))}";
    return headers["webhook-signature"].Split(' ')
        .Any(given => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected)));
}
}
