namespace Lazaret.Node.Http;

/// <summary>Bounds the requests at work at once. Health checks always pass: a busy node must not be taken for a dead one.</summary>
internal static class RequestGate
{
    // The longest DNS name, a colon and a port.
    private const int MaxHost = 253 + 6;

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
