using Lazaret.Cohort.Faults;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http;
using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node;

/// <summary>Words for the errors that no handler answers: the router's, the server's, and the unexpected.</summary>
internal static class NodeErrors
{
    private const int MaxEcho = 100;

    public static void UseErrors(this WebApplication node)
    {
        node.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerAsync,
            StatusCodeSelector = error => error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            // A torn request, or a body that is no form, is its sender's fault, and no error of the node's. What StorageFaults answered it has logged.
            SuppressDiagnosticsCallback = failure => failure.ExceptionHandledBy == ExceptionHandledType.ExceptionHandlerService
                || failure.Exception is BadHttpRequestException || IsNoForm(failure.Exception, failure.HttpContext.Request),
        });
        node.UseStatusCodePages(context => AnswerAsync(context.HttpContext));
    }

    /// <summary>Whether the framework's reader of forms failed on this body.</summary>
    public static bool IsNoForm(Exception exception, HttpRequest request) => exception is InvalidDataException && request.HasFormContentType;

    private static Task AnswerAsync(HttpContext http)
    {
        var (status, path) = (http.Response.StatusCode, Quoted.Bare(http.Request.Path.Value ?? "", MaxEcho));
        var (type, code, title, detail) = status switch
        {
            StatusCodes.Status403Forbidden => ("forbidden", "forbidden", "Not allowed", "You may not do this, or were revoked while the request came in: nothing was done."),
            StatusCodes.Status404NotFound => ("not-found", "not-found", "Not found", $"There is nothing at {path}."),
            StatusCodes.Status405MethodNotAllowed =>
                ("method-not-allowed", "not-supported", "Method not allowed", $"{path} does not take {Quoted.Bare(http.Request.Method)}, but {http.Response.Headers.Allow}."),
            StatusCodes.Status413PayloadTooLarge => ("too-large", "too-long", "Too large", "The request is larger than the node reads."),
            StatusCodes.Status415UnsupportedMediaType =>
                ("unsupported-media-type", "not-supported", "Unsupported media type", $"{path} does not read {Quoted.Bare(http.Request.ContentType ?? "", MaxEcho)}: /openapi/v1.json says what it reads."),
            StatusCodes.Status503ServiceUnavailable =>
                ("unavailable", "throttled", "The node cannot answer this now", "As many requests are at work as the node takes: try again."),
            < StatusCodes.Status500InternalServerError => ("bad-request", "structure", "Bad request", "The request is not one that HTTP allows, or it ended too early."),
            _ => ("internal", "exception", "The node failed", "The node failed; its operator finds the cause in the log."),
        };
        return Answer(http.Request, Problems.Of(status, type, title, detail), status, code, detail).ExecuteAsync(http);
    }

    /// <summary>The answer to a request that comes faster than its sender's limit; <c>Retry-After</c> is there already.</summary>
    public static Task RefuseRateAsync(HttpContext http)
    {
        const string Why = "Requests of this address or this requester come faster than this node takes them: send it again after as many seconds as Retry-After says.";
        return Answer(http.Request, Problems.TooFast(Why), StatusCodes.Status429TooManyRequests, "throttled", Why).ExecuteAsync(http);
    }

    /// <summary>A problem where HTTP has them, an OperationOutcome where FHIR and CDS Hooks do, and a page where a browser asks for one of the console.</summary>
    public static IResult Answer(HttpRequest request, ProblemDetails problem, int status, string code, string detail) =>
        SpeaksFhir(request.Path) ? FhirAnswer.Outcome(status, code, detail) : ProblemPage.IsFor(request) ? new ProblemPage(status, problem.Title!, detail) : TypedResults.Problem(problem);

    public static bool SpeaksFhir(PathString path) =>
        path.StartsWithSegments("/fhir", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/cds-services", StringComparison.OrdinalIgnoreCase);
}
