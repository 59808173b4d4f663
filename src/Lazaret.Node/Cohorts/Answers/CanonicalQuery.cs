using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>A question about one map, in canonical form: names of the catalog, filters sorted, the map as a digest that neither scaling nor jitter changes.</summary>
internal sealed record CanonicalQuery(
    [property: JsonPropertyName("task")] string Task,
    [property: JsonPropertyName("score")] string Score,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("stat")] string Stat,
    [property: JsonPropertyName("mask")] string? Mask,
    [property: JsonPropertyName("filters")] JsonElement Filters,
    [property: JsonPropertyName("covariates")] IReadOnlyList<string> Covariates,
    [property: JsonPropertyName("map")] string Map)
{
    /// <summary>The version of a registered analysis; none of the built-in one.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>A name for the question on one state of the data: SHA-256 in hexadecimal digits.</summary>
    public string NameOn(string dataVersion) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{dataVersion}\n{JsonSerializer.Serialize(this)}")));
}
