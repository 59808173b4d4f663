using System.Data.Common;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace Lazaret.Node.Telemetry;

/// <summary>
/// Something that a part of the node does again and again, and that fails for a while: a line in the log when that begins, with the cause, and one when it is over.
/// The failures between are logged at the level Debug.
/// </summary>
/// <param name="what">What cannot be done meanwhile: the beginning of the lines.</param>
internal sealed partial class Outage(ILogger logger, string what)
{
    private readonly Lock _changing = new();
    private long _since;
    private int _times;

    public void Failed(Exception cause)
    {
        lock (_changing)
        {
            if (_times++ > 0)
            {
                LogAgain(cause, what);
                return;
            }

            _since = TimeProvider.System.GetTimestamp();
        }

        if (IsAway(cause))
            LogBegan(what, CauseOf(cause));
        else
            LogFault(cause, what);
    }

    public void Passed()
    {
        // Almost always; a failure at this very moment is ended by the next success.
        if (Volatile.Read(ref _times) == 0)
            return;
        lock (_changing)
        {
            if (_times == 0)
                return;
            LogOver(what, (long)TimeProvider.System.GetElapsedTime(_since).TotalSeconds, _times);
            _times = 0;
        }
    }

    /// <summary>Whether a server or a disk is away, full or slow: then the cause says all, and the stack nothing.</summary>
    public static bool IsAway(Exception e) =>
        e is DbException or DbUpdateException or SocketException or TimeoutException or IOException or UnauthorizedAccessException or HttpRequestException or RedisException or RedisCommandException
        || (e is InvalidOperationException && e.InnerException is not null && IsAway(e.InnerException));

    /// <summary>The messages of an exception and of those that caused it, in one line.</summary>
    public static string CauseOf(Exception e)
    {
        var messages = new List<string>();
        for (var at = e; at is not null; at = at.InnerException)
        {
            // It only says that there is another one inside.
            if (at is not DbUpdateException { InnerException: not null })
                messages.Add(at.Message.Split('\n')[0].Trim());
        }

        return string.Join(": ", messages.Distinct(StringComparer.Ordinal));
    }

    [LoggerMessage(LogLevel.Warning, "{What}: {Cause}")]
    private partial void LogBegan(string what, string cause);

    [LoggerMessage(LogLevel.Error, "{What}")]
    private partial void LogFault(Exception exception, string what);

    [LoggerMessage(LogLevel.Debug, "{What}, again")]
    private partial void LogAgain(Exception exception, string what);

    [LoggerMessage(LogLevel.Information, "{What}: no longer, after {Seconds} s and {Times} failures")]
    private partial void LogOver(string what, long seconds, int times);
}
