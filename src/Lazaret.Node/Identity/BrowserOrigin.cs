using Lazaret.Node.Http;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Identity;

/// <summary>Where a browser believes the node to be, and whether a request comes from a page of that origin.</summary>
internal sealed class BrowserOrigin(HttpOptions options)
{
    private readonly Uri? _public = options.PublicUrl.Length > 0 ? new Uri(options.PublicUrl) : null;

    /// <summary>What comes before the node's paths at a proxy; mostly nothing.</summary>
    public string Prefix => _public?.AbsolutePath.TrimEnd('/') ?? "";

    /// <summary>The host's name, which passkeys are bound to; null for that of each request.</summary>
    public string? Host => _public?.Host;

    public bool IsEncrypted(HttpRequest request) => request.IsHttps || _public?.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether nobody on the way can read a cookie: TLS, or a browser on this machine.</summary>
    public bool IsPrivate(HttpRequest request) => IsEncrypted(request) || Loopback.IsCalledSo(request);

    /// <summary>Whether browsers make passkeys here: they bind them to a name, and take no address for one.</summary>
    public bool TakesPasskeys(HttpRequest request) => Uri.CheckHostName(Host ?? request.Host.Host) == UriHostNameType.Dns;

    /// <summary>Where a browser on this machine finds the node by a name; null where another address is the node's.</summary>
    public string? ByName(HttpRequest request) => _public is null && !request.IsHttps ? $"http://localhost{(request.Host.Port is { } port ? $":{port}" : "")}" : null;

    /// <summary>Whether the answer is for a person to read: a browser says so, and programs do not.</summary>
    public static bool WantsPage(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a request does more than read: only pages of the node's own may send such a one. WebSockets begin with a GET.</summary>
    public static bool Acts(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) || request.Headers.ContainsKey(HeaderNames.Upgrade);

    /// <summary>
    /// Whether the browser says that a page of this origin sent the request: by <c>Sec-Fetch-Site</c>, by <c>Origin</c>, and by both where it sends both.
    /// No page can set either of them.
    /// </summary>
    public bool IsSame(HttpRequest request)
    {
        var (site, origin) = (request.Headers["Sec-Fetch-Site"], request.Headers.Origin);
        if (site.Count == 0 && origin.Count == 0)
            return false;
        return (site.Count == 0 || site == "same-origin") && (origin.Count == 0 || IsOwn(request, origin.ToString()));
    }

    /// <summary>The node's address of this path, where a proxy in front changes it; null where each request shows it.</summary>
    public string? Public(string path) => _public is null ? null : options.PublicUrl.TrimEnd('/') + path;

    public bool IsOwn(HttpRequest request, string origin) =>
        origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || (_public is not null && origin.Equals(_public.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
}
