using Microsoft.Extensions.Logging.Console;

namespace Lazaret.Node.Telemetry;

internal static class NodeLogging
{
    /// <summary>The node's log, on stderr.</summary>
    public static ILoggingBuilder AddNodeLog(this ILoggingBuilder logging, LoggingOptions options, LogLevel minimum)
    {
        logging
            .SetMinimumLevel(minimum)
            .AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>()
            .AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>()
            .AddConsole(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.FormatterName = options.IsText ? TextLogFormatter.FormatterName : JsonLogFormatter.FormatterName;
            })
            // The framework would log every URL with its query, and every statement. RequestLog has the route instead.
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            // Its base of authentication handlers logs each refusal twice, under their names; RequestLog and the audit have it.
            .AddFilter("Lazaret.Node.Identity", LogLevel.Warning)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        // What the framework says at the start, a person reads in a better form.
        return options.IsText ? logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning) : logging;
    }
}
