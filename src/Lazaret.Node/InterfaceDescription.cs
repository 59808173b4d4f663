using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lazaret.Node;

/// <summary>
/// The interface's description (OpenAPI), made at the first request and kept: making it takes a tenth of a second of processor, and anybody may ask for it.
/// </summary>
internal sealed class InterfaceDescription([FromKeyedServices(InterfaceDescription.Name)] IOpenApiDocumentProvider documents)
{
    /// <summary>What the document is called among the services.</summary>
    public const string Name = "v1";

    /// <summary>Stands in the document for the address by which a caller reaches the node, which is another for each.</summary>
    public const string Address = "https://address-of-the-node.invalid";

    private readonly Lazy<Task<(byte[] Before, byte[] After)>> _aroundAddress = new(async () =>
    {
        var document = await documents.GetOpenApiDocumentAsync(CancellationToken.None);
        var text = await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1);
        var at = text.IndexOf(Address, StringComparison.Ordinal);
        return (Encoding.UTF8.GetBytes(text[..at]), Encoding.UTF8.GetBytes(text[(at + Address.Length)..]));
    });

    public static async Task SendAsync(HttpContext http, InterfaceDescription description)
    {
        var (before, after) = await description._aroundAddress.Value;
        var address = JsonEncodedText.Encode(UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase).TrimEnd('/'));
        http.Response.ContentType = "application/json; charset=utf-8";
        foreach (var part in new ReadOnlyMemory<byte>[] { before, address.EncodedUtf8Bytes.ToArray(), after })
            await http.Response.Body.WriteAsync(part, http.RequestAborted);
    }
}
