using System.Data.Common;
using Lazaret.Node.Http;
using Lazaret.Node.Health;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage.Faults;
using Lazaret.Node.Telemetry;
using Microsoft.AspNetCore.Diagnostics;

namespace Lazaret.Node;

/// <summary>A database or a disk that cannot take a request now is a 503: the client may try again. What does not open does not open the next time either: then an operator must act.</summary>
internal sealed partial class StorageFaults(ILogger<StorageFaults> logger, RequestOutage outage) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException || !(Outage.IsAway(exception) || exception is SealException or InvalidDataException))
            return false;
        if (NodeErrors.IsNoForm(exception, httpContext.Request))
        {
            const string Words = "The body is no form that the node reads.";
            await NodeErrors.Answer(httpContext.Request, Problems.Of(StatusCodes.Status400BadRequest, "bad-request", "Bad request", Words), StatusCodes.Status400BadRequest, "structure", Words).ExecuteAsync(httpContext);
            return true;
        }

        if (IsOfAValue(exception))
        {
            const string Words = "The request holds what cannot be stored or looked up, such as the character NUL.";
            LogValue(Outage.CauseOf(exception));
            await NodeErrors.Answer(httpContext.Request, Problems.Of(StatusCodes.Status400BadRequest, "bad-request", "Bad request", Words), StatusCodes.Status400BadRequest, "invalid", Words).ExecuteAsync(httpContext);
            return true;
        }

        if (Outage.IsAway(exception))
            outage.Failed(exception);
        else
            LogFault(exception);
        var needsOperator = exception is SealException or InvalidDataException || DatabaseWords.IsDamage(exception);
        var why = needsOperator
            ? "The node cannot read or open what it stored: its operator finds the cause in the log."
            : "The node cannot write what it must remember: its disk may be full, or its database busy or away.";
        await (needsOperator
            ? NodeErrors.Answer(httpContext.Request, Problems.NeedsOperator(why), StatusCodes.Status503ServiceUnavailable, "exception", why)
            : new RetryLater(NodeErrors.Answer(httpContext.Request, Problems.Unavailable(why), StatusCodes.Status503ServiceUnavailable, "transient", why))).ExecuteAsync(httpContext);
        return true;
    }

    // SQLSTATE class 22, data exception: the database is well, and takes no such value.
    private static bool IsOfAValue(Exception exception) => (exception as DbException ?? exception.InnerException as DbException)?.SqlState?.StartsWith("22", StringComparison.Ordinal) == true;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database takes no value that a request brought: {Cause}")]
    private partial void LogValue(string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "What a request asked for cannot be opened")]
    private partial void LogFault(Exception exception);
}
