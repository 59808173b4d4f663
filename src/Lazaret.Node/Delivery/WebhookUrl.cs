using System.Diagnostics.CodeAnalysis;
using System.Net;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Http;

namespace Lazaret.Node.Delivery;

/// <summary>
/// What a <c>webhook_url</c> may be. A name is not resolved here: that would show a requester which names the hospital knows, and
/// what it stands for may change before the delivery. <see cref="GuardedConnection"/> looks at the address that it connects to.
/// </summary>
internal static class WebhookUrl
{
    public const string Field = "webhook_url";

    private const int MaxLength = 2000;

    /// <summary>The URL, or null and what is wrong with it, without quoting it: it may carry a token.</summary>
    public static Uri? Read(string? text, WebhookAddresses addresses, [NotNullWhen(false)] out RequestFault? fault)
    {
        fault = null;
        if (text is null || text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            fault = new RequestFault(Field, $"must be an absolute URL of at most {MaxLength} characters");
            return null;
        }

        var address = LiteralAddress(url);
        var why = url switch
        {
            { UserInfo.Length: > 0 } => "must hold no user and no password",
            { Fragment.Length: > 0 } => "must hold no fragment",
            { Port: 0 } => "must name a port other than 0",
            { Scheme: "https" } => null,
            { Scheme: "http" } when address is not null && IPAddress.IsLoopback(address) => null,
            _ => "must be https; http is for this machine's own loopback address alone",
        };
        if (why is null && address is not null && !addresses.Allow(url.IdnHost, address))
            why = "must name a public address: this one is refused unless the site allows it";
        if (why is null)
            return url;
        fault = new RequestFault(Field, why);
        return null;
    }

    // What can be said without asking a name server. RFC 6761: localhost and the names under it are this machine.
    private static IPAddress? LiteralAddress(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => IPAddress.Parse(url.IdnHost),
        _ when url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase) || url.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) => IPAddress.Loopback,
        _ => null,
    };
}
