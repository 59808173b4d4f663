using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>
/// The signature algorithms that are taken. All are asymmetric: <c>none</c> is no signature, and with HS256 an issuer's public key would be a secret
/// that everybody knows.
/// </summary>
internal static class TokenAlgorithms
{
    public static readonly IReadOnlyList<string> All =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Those of SMART Backend Services.</summary>
    public static readonly IReadOnlyList<string> Smart = [SecurityAlgorithms.RsaSha384, SecurityAlgorithms.EcdsaSha384];
}
