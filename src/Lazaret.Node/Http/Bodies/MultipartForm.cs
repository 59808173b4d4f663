using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Http.Bodies;

/// <summary>What our readers of <c>multipart/form-data</c> share (RFC 7578).</summary>
internal static class MultipartForm
{
    // An IOException of the disk carries an errno instead.
    private const int PlainIOException = unchecked((int)0x80131620);

    /// <summary>What parts the form's fields; null where the request is no such form.</summary>
    public static string? FindBoundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= 200 } boundary
            ? boundary
            : null;

    /// <summary>The name of a field; empty where it has none.</summary>
    public static string NameOf(MultipartSection section) =>
        ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "" : "";

    /// <summary>Whether reading failed because the form was cut off, or is none.</summary>
    public static bool IsTorn(Exception failure) => failure is InvalidDataException or BadHttpRequestException or IOException { HResult: PlainIOException };
}
