using System.Net;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Tls;

namespace Lazaret.Node.Identity;

/// <summary>Where the node may listen: without an authentication mode on loopback alone.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:8080";

    private static readonly IReadOnlyList<IPNetwork> PrivateNetworks =
        [.. ((string[])["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"]).Select(IPNetwork.Parse)];

    public static bool IsTls(string address) => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether others than this machine can reach it.</summary>
    public static bool IsForOthers(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && !Loopback.IsHost(uri.Host);

    /// <summary>Whether they can, and without TLS.</summary>
    public static bool IsOpenInClear(string address) => !IsTls(address) && IsForOthers(address);

    /// <summary>Whether it is one address of a network that the internet does not route: 10.0.0.0/8 and its like (RFC 1918), fc00::/7, link-local.</summary>
    public static bool IsPrivate(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && PrivateNetworks.Any(network => network.Contains(ip));

    /// <summary>The addresses of a setting; without any, the default.</summary>
    public static string[] Split(string? urls) =>
        (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } addresses ? addresses : [Default];

    /// <summary>Which of them are malformed, are https ones without a certificate, or can be reached by other machines while there is no authentication.</summary>
    public static IEnumerable<string> Faults(IEnumerable<string> addresses, AuthOptions auth, TlsOptions tls)
    {
        foreach (var address in addresses)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.AbsolutePath != "/" || uri.Query.Length > 0)
                yield return $"--urls: '{address}' is no address like {Default}";
            else if (uri is { Port: 0, HostNameType: UriHostNameType.Dns })
                yield return $"--urls: '{address}': a free port needs a number as its address: http://127.0.0.1:0";
            else if (!auth.IsOn && !Loopback.IsHost(uri.Host))
                yield return $"--urls: {address} is open to others, and Lazaret:Auth:Modes is empty: without authentication the node listens on 127.0.0.1, [::1] or localhost only";
            if (IsTls(address) && !tls.IsSet)
                yield return $"--urls: {address} needs a certificate: set Lazaret:Tls:Certificate and Lazaret:Tls:Key";
        }
    }
}
