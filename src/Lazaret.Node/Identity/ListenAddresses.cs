using System.Net;
using Lazaret.Node.Http.Tls;

namespace Lazaret.Node.Identity;

/// <summary>Where the node may listen: without an authentication mode on loopback alone.</summary>
internal static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:8080";

    public static bool IsTls(string address) => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InputException">An address is malformed, is an https one without a certificate, or other machines can reach it while there is no authentication.</exception>
    public static string[] Read(string? urls, AuthOptions auth, TlsOptions tls)
    {
        var addresses = (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
            addresses = [Default];
        var faults = new List<string>();
        foreach (var address in addresses)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.AbsolutePath != "/" || uri.Query.Length > 0)
                faults.Add($"--urls: '{address}' is no address like {Default}");
            else if (uri is { Port: 0, HostNameType: UriHostNameType.Dns })
                faults.Add($"--urls: '{address}': a free port needs a number as its address: http://127.0.0.1:0");
            else if (auth.Modes.Count == 0 && !IsLoopback(uri.Host))
                faults.Add($"--urls: {address} is open to others, and Lazaret:Auth:Modes is empty: without authentication the node listens on 127.0.0.1, [::1] or localhost only");
            if (IsTls(address) && !tls.IsSet)
                faults.Add($"--urls: {address} needs a certificate: set Lazaret:Tls:Certificate and Lazaret:Tls:Key");
        }

        return faults.Count == 0 ? addresses : throw new InputException(string.Join('\n', faults));
    }

    // Uri.IsLoopback would also resolve a name; '*', '+' and '0.0.0.0' are every address.
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
