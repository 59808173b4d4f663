using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;

namespace Lazaret.Node;

/// <summary>What the environment Production demands beyond what every node does.</summary>
internal static class Production
{
    /// <summary>What the node's own environment misses.</summary>
    public static IEnumerable<string> FaultsHere(NodeOptions options, IReadOnlyList<string> addresses) => NodeEnvironment.Current.IsProduction ? Faults(options, addresses) : [];

    /// <summary>Everything that is missing, each with what mends it.</summary>
    public static IEnumerable<string> Faults(NodeOptions options, IReadOnlyList<string> addresses)
    {
        if (!options.Auth.IsOn)
            yield return "Lazaret:Auth:Modes: is empty, and the environment is Production: requesters must say who they are: set Lazaret:Auth:Modes:0=key ('lazaret init --production' writes all of it)";
        foreach (var address in addresses.Where(ListenAddresses.IsOpenInClear))
        {
            if (options.Http.Proxies.Count == 0)
                yield return $"--urls: {address} would carry keys and patients' data in clear: listen on https, or on loopback, or name the proxy that ends TLS in Lazaret:Http:Proxies";
            else if (!options.Http.ClearBehindProxies && !ListenAddresses.IsPrivate(address))
                yield return $"--urls: {address} would take clear http from others than the proxies: listen on https, on loopback, or on an address of a private network; or, where nobody but the proxies can connect, set Lazaret:Http:ClearBehindProxies=true";
        }

        if (options.Auth.Takes(AuthModes.Smart) && options.Http.PublicUrl.Length == 0)
            yield return "Lazaret:Http:PublicUrl: is empty, and Lazaret:Auth:Modes has smart: clients' assertions name the node's address, so that the node must know it: https://lazaret.hospital.example";
    }
}
