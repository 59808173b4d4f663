namespace Lazaret.Node.Sandboxes.Waiting;

internal sealed partial class WarmPool
{
    [LoggerMessage(LogLevel.Warning, "No sandbox could be prepared; runs start without a prepared one")]
    private partial void LogNotPrepared(Exception fault);

    /// <summary>The program was removed meanwhile, or a mount is away: the next run says so, if there is one.</summary>
    [LoggerMessage(LogLevel.Warning, "No sandbox could be prepared, and runs start without a prepared one: {Why}")]
    private partial void LogNotPrepared(string why);
}
