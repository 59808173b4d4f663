namespace Lazaret.Node.Telemetry;

public static class NodeLogging
{
    /// <summary>Structured lines on stderr: stdout is for answers.</summary>
    public static ILoggingBuilder AddNodeConsole(this ILoggingBuilder logging) => logging
        .AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        // The framework would log every URL with its query, and every statement. RequestLog has the route instead.
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
}
