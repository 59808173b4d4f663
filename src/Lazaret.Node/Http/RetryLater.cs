using System.Globalization;

namespace Lazaret.Node.Http;

/// <summary>An answer with <c>Retry-After</c>: what stood in the way passes.</summary>
/// <param name="answer">The answer.</param>
/// <param name="after">When it has passed; null for a moment.</param>
internal sealed class RetryLater(IResult answer, TimeSpan? after = null) : IResult
{
    public const string Seconds = "5";

    public static string SecondsOf(TimeSpan? after) => after is { } time ? Math.Max(1, Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture) : Seconds;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = SecondsOf(after);
        return answer.ExecuteAsync(httpContext);
    }
}
