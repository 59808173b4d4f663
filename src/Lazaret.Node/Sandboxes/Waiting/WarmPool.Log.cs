namespace Lazaret.Node.Sandboxes.Waiting;

internal sealed partial class WarmPool
{
    [LoggerMessage(LogLevel.Warning, "No sandbox could be prepared; runs start without a prepared one")]
    private partial void LogNotPrepared(Exception fault);
}
