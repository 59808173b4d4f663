using System.Text.Json.Serialization;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>Where the results of an asynchronous evaluation are (http://hl7.org/fhir/R4/async.html).</summary>
internal sealed record EvaluationManifest(
    [property: JsonPropertyName("transactionTime")] DateTimeOffset TransactionTime,
    [property: JsonPropertyName("request")] string Request,
    [property: JsonPropertyName("requiresAccessToken")] bool RequiresAccessToken,
    [property: JsonPropertyName("output")] IReadOnlyList<EvaluationOutput> Output,
    [property: JsonPropertyName("error")] IReadOnlyList<EvaluationOutput> Error);

/// <summary>A resource, and where it is.</summary>
internal sealed record EvaluationOutput(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("url")] string Url);
