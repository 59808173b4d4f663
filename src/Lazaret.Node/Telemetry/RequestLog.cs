using System.Diagnostics;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Telemetry;

/// <summary>One line a request, with the route's pattern: what a client put into the path or the query stays out of the log.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            LogRequest(Quoted.Bare(context.Request.Method), route, context.Response.StatusCode, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Route}: {Status} in {Milliseconds} ms")]
    private partial void LogRequest(string method, string route, int status, long milliseconds);
}
