using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Http;

/// <summary>Bounds the requests at work at once. Health checks always pass: a busy node must not be taken for a dead one.</summary>
internal static class RequestGate
{
    // The longest DNS name, a colon and a port.
    private const int MaxHost = 253 + 6;

    private static readonly FrozenSet<string> Charsets = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "utf-8", "us-ascii", "iso-8859-1", "utf-16");

    public static void UseRequestGate(this WebApplication node, HttpOptions options)
    {
        var atWork = 0;
        node.Use(async (context, next) =>
        {
            // The host is part of every URL in the node's answers, so its length is bounded.
            if (context.Request.Host.Value?.Length > MaxHost)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            // The framework fails on a charset that .NET does not know, or refuses, as UTF-7.
            if (context.Request.ContentType is { } type && MediaTypeHeaderValue.TryParse(type, out var media) && media.Charset.HasValue && !Charsets.Contains(HeaderUtilities.RemoveQuotes(media.Charset).ToString()))
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return;
            }

            if (context.Request.Path.Value is "/healthz" or "/readyz")
            {
                await next(context);
                return;
            }

            try
            {
                if (Interlocked.Increment(ref atWork) <= options.MaxRequests)
                {
                    await next(context);
                    return;
                }

                context.Response.Headers.RetryAfter = RetryLater.Seconds;
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
            finally
            {
                Interlocked.Decrement(ref atWork);
            }
        });
    }
}
