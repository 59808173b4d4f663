using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>The keys of registered clients. A credential's content is a JWK set, or the address of one.</summary>
internal sealed class ClientKeys(JwksSources sources)
{
    private const int MostKept = 1000;

    private readonly ConcurrentDictionary<string, JwksSource> _byAddress = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KeySet> _byContent = new(StringComparer.Ordinal);

    /// <summary>What to keep of a client's keys: of a file its content, for the file may be the client's, and not be there later.</summary>
    /// <exception cref="InputException">They cannot be used.</exception>
    public static byte[] Register(string fileOrAddress)
    {
        if (KeyAddress.LooksLikeOne(fileOrAddress))
            return Encoding.UTF8.GetBytes((KeyAddress.Read(fileOrAddress) ?? throw new InputException($"--jwks: '{fileOrAddress}' {KeyAddress.Wanted}")).AbsoluteUri);
        try
        {
            var keys = KeySet.Read(RegularFile.ReadAllBytes(Path.GetFullPath(fileOrAddress), KeySet.LargestBytes));
            if (keys.HasPrivateKeys)
                throw new InputException($"{fileOrAddress}: holds private keys: they are the client's alone; register the public ones");
            if (keys.Keys.Any(key => string.IsNullOrEmpty(key.Kid)))
                throw new InputException($"{fileOrAddress}: each key needs a kid");
            return keys.Document;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new InputException($"{fileOrAddress}: {e.Message}");
        }
    }

    /// <summary>The address at which a client shows its keys; null where they were given.</summary>
    public static string? AddressOf(byte[] content) => content is [(byte)'h', ..] ? Encoding.UTF8.GetString(content) : null;

    /// <exception cref="ProofUnavailableException">The address does not answer.</exception>
    public async Task<KeySet> GetAsync(byte[] content, string kid, CancellationToken cancellationToken)
    {
        if (AddressOf(content) is { } address)
            return await Kept(_byAddress, address, text => sources.OfAddress(new Uri(text))).GetAsync(kid, cancellationToken);
        return Kept(_byContent, Convert.ToHexStringLower(SHA256.HashData(content)), _ => KeySet.Read(content));
    }

    // Only what is registered comes here; contents that were replaced must not pile up.
    private static T Kept<T>(ConcurrentDictionary<string, T> kept, string key, Func<string, T> make)
    {
        if (kept.Count >= MostKept)
            kept.Clear();
        return kept.GetOrAdd(key, make);
    }
}
