using System.Diagnostics;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Telemetry;

/// <summary>One line per request, with the route's pattern: what a client put into the path or the query stays out of the log.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    private const string JobTag = "lazaret.job.id";

    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        // The framework's own words for traceId in a problem document.
        using var scope = logger.BeginScope(new LogScope(Activity.Current?.Id ?? context.TraceIdentifier));
        try
        {
            await next(context);
        }
        finally
        {
            // A line for each refused request would let a flood fill the log's disk.
            var level = context.Features.Get<LeftOut>() is null && context.GetEndpoint()?.Metadata.GetMetadata<LeftOut>() is null ? LogLevel.Information : LogLevel.Debug;
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
            using var about = JobOf(context) is { } job ? logger.BeginScope(new LogScope(Job: job)) : null;
            LogRequest(level, Quoted.Bare(context.Request.Method), route, context.Response.StatusCode, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    /// <summary>Has the line of the request that is under way name the job that was made of it.</summary>
    public static void Names(Guid job) => Activity.Current?.SetTag(JobTag, job);

    // An id of another form than ours is no endpoint's.
    private static Guid? JobOf(HttpContext context) =>
        Activity.Current?.GetTagItem(JobTag) as Guid? ?? (Guid.TryParse(context.Request.RouteValues["id"] as string, out var asked) ? asked : null);

    /// <summary>The metadata of an endpoint that is asked every few seconds, and whose requests are kept out of the log, unless it shows details.</summary>
    public static object Quiet => LeftOut.Instance;

    /// <summary>Keeps a request out of the log, unless the log shows details.</summary>
    public static void LeaveOut(HttpContext context) => context.Features.Set(LeftOut.Instance);

    [LoggerMessage(Message = "{Method} {Route}: {Status} in {Milliseconds} ms")]
    private partial void LogRequest(LogLevel level, string method, string route, int status, long milliseconds);

    private sealed class LeftOut
    {
        public static readonly LeftOut Instance = new();
    }
}
