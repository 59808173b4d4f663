using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Lazaret.Node.Telemetry;

/// <summary>A line for people: time of day, level, message, and below it an exception's text.</summary>
internal sealed class TextLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lazaret-text";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            _ => "error",
        };
        var scope = LogScope.Of(scopeProvider);
        // What is about a request, or a job that its line does not name already.
        var about = (scope.TraceId is { } trace ? $" [trace {trace}]" : "") + (scope.Job is { } job ? $" [job {job}]" : "");
        textWriter.WriteLine($"{time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {level} {logEntry.Formatter(logEntry.State, logEntry.Exception)}{about}");
        if (logEntry.Exception is { } exception)
            textWriter.WriteLine($"               {exception.ToString().ReplaceLineEndings($"{Environment.NewLine}               ")}");
    }
}
