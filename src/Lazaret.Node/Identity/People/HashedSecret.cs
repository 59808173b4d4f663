using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Identity.People;

/// <summary>256 random bits that let their bearer in. What is kept of them is a hash: a copy of the database lets nobody in.</summary>
internal static class HashedSecret
{
    private const int Bytes = 32;

    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>SHA-256, in hexadecimal digits.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
