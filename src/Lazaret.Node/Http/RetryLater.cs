namespace Lazaret.Node.Http;

/// <summary>An answer with <c>Retry-After</c>: what stood in the way passes.</summary>
internal sealed class RetryLater(IResult answer) : IResult
{
    public const string Seconds = "5";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Seconds;
        return answer.ExecuteAsync(httpContext);
    }
}
