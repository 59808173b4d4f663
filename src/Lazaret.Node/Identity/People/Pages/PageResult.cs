namespace Lazaret.Node.Identity.People.Pages;

/// <summary>A page of sign-in.</summary>
internal sealed class PageResult(int status, string html) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        PagePolicy.Write(httpContext.Response.Headers);
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status).ExecuteAsync(httpContext);
    }
}
