namespace Lazaret.Node.Sandboxes.Waiting;

internal sealed partial class WarmPool
{
    [LoggerMessage(LogLevel.Warning, "No sandbox could be prepared; runs start without")]
    private partial void LogNotPrepared(Exception fault);
}
