using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>
/// The six-digit codes of authenticator apps (RFC 6238). The framework checks them as well, but does not say for which time step a code was made, and
/// without that a node cannot refuse a code that was accepted before.
/// </summary>
internal static class AuthenticatorCode
{
    public const int Seconds = 30;

    // Clocks differ, and people take their time (RFC 6238, 5.2).
    private const int Around = 1;
    private const int Modulus = 1_000_000;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int Base32Bits = 5;

    /// <summary>The time step for which the secret makes this code; null when there is none now.</summary>
    /// <param name="secret">In Base32.</param>
    /// <param name="code">As it was typed: what is not a digit is left out.</param>
    public static long? StepOf(string secret, string code, DateTimeOffset now)
    {
        var (key, digits) = (BytesOf(secret), string.Concat(code.Where(char.IsAsciiDigit)));
        var current = now.ToUnixTimeSeconds() / Seconds;
        for (var step = current - Around; step <= current + Around; step++)
        {
            if (At(key, step) == digits)
                return step;
        }

        return null;
    }

    private static string At(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // Authenticator apps know nothing but HMAC-SHA-1, for which no attack is known.
        var mac = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        // RFC 4226, 5.3.
        var number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 0xf)) & int.MaxValue;
        return (number % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] BytesOf(string secret)
    {
        var bytes = new byte[secret.Length * Base32Bits / 8];
        var (bits, held, at) = (0, 0, 0);
        foreach (var letter in secret)
        {
            (bits, held) = ((bits << Base32Bits) | Base32.IndexOf(letter, StringComparison.Ordinal), held + Base32Bits);
            if (held < 8)
                continue;
            held -= 8;
            bytes[at++] = (byte)(bits >> held);
            bits &= (1 << held) - 1;
        }

        return bytes;
    }
}
