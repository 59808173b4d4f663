using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.People.Provider;

/// <summary>
/// The framework's handler of OpenID Connect. The provider sends the browser back with a query. The framework would take a form there, too, of 30 MB and
/// from anybody, before it looks whether a sign-in has begun in this browser.
/// </summary>
internal sealed class ProviderHandler(IOptionsMonitor<OpenIdConnectOptions> options, ILoggerFactory logger, HtmlEncoder html, UrlEncoder encoder)
    : OpenIdConnectHandler(options, logger, html, encoder)
{
    public override Task<bool> ShouldHandleRequestAsync() => HttpMethods.IsGet(Request.Method) ? base.ShouldHandleRequestAsync() : Task.FromResult(false);
}
