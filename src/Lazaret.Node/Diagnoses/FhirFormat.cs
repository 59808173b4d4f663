using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Diagnoses;

/// <summary>FHIR is spoken as JSON alone: a client that takes no JSON is told so, before anything is done for it.</summary>
internal static class FhirFormat
{
    /// <summary>The query's parameters that every FHIR address takes.</summary>
    public static readonly IReadOnlyList<string> Parameters = ["_format", "_pretty"];

    private static readonly string[] Json = ["application/fhir+json", "application/json", "text/json", "application/json+fhir"];

    public static Task RefuseOthersAsync(HttpContext http, RequestDelegate next) => Takes(http.Request)
        ? next(http)
        : FhirAnswer.Outcome(StatusCodes.Status406NotAcceptable, "not-supported", "This node answers as application/fhir+json (FHIR 4.0) alone.").ExecuteAsync(http);

    // _format overrides Accept (http://hl7.org/fhir/R4/http.html#parameters).
    private static bool Takes(HttpRequest request) => request.Query["_format"] is [{ Length: > 0 } format, ..]
        ? IsJson(format)
        : Accepts(request.Headers.Accept);

    // A plus sign in a query is a space.
    private static bool IsJson(string format) =>
        format == "json" || (MediaTypeHeaderValue.TryParse(format.Replace("fhir json", "fhir+json", StringComparison.Ordinal), out var type) && Matches(type, Json));

    private static bool Accepts(StringValues accept)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
            return true;
        // Of the ranges that match, the most specific one counts (RFC 9110, 12.5.1).
        return Json.Any(json => types.Where(type => Matches(type, [json])).OrderByDescending(Precision).FirstOrDefault() is { } best && best.Quality is not <= 0);
    }

    private static bool Matches(MediaTypeHeaderValue type, string[] json) =>
        (type.MatchesAllTypes || json.Any(one => type.MediaType.Equals(one, StringComparison.OrdinalIgnoreCase) || (type.MatchesAllSubTypes && one.StartsWith(type.Type.Value + "/", StringComparison.OrdinalIgnoreCase))))
        && type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("fhirVersion", StringComparison.OrdinalIgnoreCase))?.Value.Value?.Trim('"') is null or "4.0";

    private static int Precision(MediaTypeHeaderValue type) => type.MatchesAllTypes ? 0 : type.MatchesAllSubTypes ? 1 : 2;
}
