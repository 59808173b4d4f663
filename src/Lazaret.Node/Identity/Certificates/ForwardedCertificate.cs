using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Node.Http;
using Microsoft.Extensions.Primitives;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>
/// The client certificate that a proxy saw, in a header. The header is believed from the configured proxies only, and removed from every request, so
/// that nothing after this reads it. On a proxy's connection the certificate of the connection itself is the proxy's, and counts for no client.
/// </summary>
internal static class ForwardedCertificate
{
    /// <summary>URL-encoded PEM: nginx's <c>$ssl_client_escaped_cert</c>.</summary>
    public const string Header = "X-Client-Certificate";

    public static void UseForwardedCertificates(this WebApplication node) => node.Use((context, next) =>
    {
        var header = context.Request.Headers[Header];
        context.Request.Headers.Remove(Header);
        if (context.IsFromProxy())
            Take(context, header);
        return next(context);
    });

    public static bool IsUnreadable(HttpRequest request) => request.HttpContext.Features.Get<Unreadable>() is not null;

    private static void Take(HttpContext context, StringValues header)
    {
        context.Connection.ClientCertificate = null;
        if (StringValues.IsNullOrEmpty(header))
            return;
        if (Read(header) is { } certificate)
        {
            context.Response.RegisterForDispose(certificate);
            context.Connection.ClientCertificate = certificate;
        }
        else
        {
            context.Features.Set(new Unreadable());
        }
    }

    private static X509Certificate2? Read(StringValues header)
    {
        if (header is not [{ } only])
            return null;
        var text = Uri.UnescapeDataString(only);
        if (!PemEncoding.TryFind(text, out var found) || text[found.Label] != "CERTIFICATE" || text.AsSpan()[found.Location.End..].IndexOf("-----BEGIN", StringComparison.Ordinal) >= 0)
            return null;
        try
        {
            return X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[found.Base64Data]));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private sealed record Unreadable;
}
