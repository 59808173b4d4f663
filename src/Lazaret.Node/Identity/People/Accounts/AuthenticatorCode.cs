using OtpNet;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>
/// The six-digit codes of authenticator apps (RFC 6238), by Otp.NET. ASP.NET Core Identity checks them as well, but does not say for which time step a code was made, and
/// without that a node cannot refuse a code that was accepted before.
/// </summary>
internal static class AuthenticatorCode
{
    public const int Seconds = 30;

    // Clocks differ, and people take their time (RFC 6238, 5.2).
    private static readonly VerificationWindow Around = new(previous: 1, future: 1);

    /// <summary>The time step for which the secret makes this code; null when there is none now.</summary>
    /// <param name="secret">In Base32.</param>
    /// <param name="code">As it was typed: what is not a digit is left out.</param>
    public static long? StepOf(string secret, string code, DateTimeOffset now)
    {
        var codes = new Totp(Base32Encoding.ToBytes(secret), step: Seconds);
        return codes.VerifyTotp(now.UtcDateTime, string.Concat(code.Where(char.IsAsciiDigit)), out var step, Around) ? step : null;
    }
}
