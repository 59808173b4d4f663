using Lazaret.Node.Configuration;

namespace Lazaret.Node.Telemetry;

/// <summary>How the node's log is written. It goes to stderr: stdout is for answers.</summary>
public sealed record LoggingOptions
{
    private const string Auto = "auto";
    private const string Text = "text";
    private const string Json = "json";

    /// <summary>text is for people, json for machines, auto is text on a terminal and json elsewhere. auto; auto, text or json.</summary>
    public string Format { get; init; } = Auto;

    /// <summary>Whether a person reads along.</summary>
    internal bool IsText => Format == Text || (Format == Auto && !Console.IsErrorRedirected);

    internal void Check(OptionFaults faults) => faults.OneOf("Logging:Format", Format, Auto, Text, Json);
}
