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
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
