using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Lazaret.Node.Telemetry;

/// <summary>A line for people: time of day, level, message; the level in colour on a terminal, an exception's text below it.</summary>
internal sealed class TextLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lazaret-text";

    private const string Plain = "\x1b[0m";

    private static readonly bool Coloured = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var (name, colour) = logEntry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => ("debug", "\x1b[90m"),
            LogLevel.Information => ("info ", "\x1b[32m"),
            LogLevel.Warning => ("warn ", "\x1b[33m"),
            _ => ("error", "\x1b[31m"),
        };
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        textWriter.Write(Coloured ? $"{colour}{name}{Plain} " : $"{name} ");
        textWriter.WriteLine(logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
            textWriter.WriteLine($"               {exception.ToString().ReplaceLineEndings($"{Environment.NewLine}               ")}");
    }
}
