using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>A question about one map, or about none, in canonical form: names of the catalog, filters sorted, the map as a digest that neither scaling nor jitter changes.</summary>
internal sealed record CanonicalQuery(
    [property: JsonPropertyName("task"), JsonPropertyOrder(-2)] string Task,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("stat")] string Stat,
    [property: JsonPropertyName("mask")] string? Mask,
    [property: JsonPropertyName("filters")] JsonElement Filters,
    [property: JsonPropertyName("covariates")] IReadOnlyList<string> Covariates)
{
    /// <summary>How subjects are scored; null for an R-map, which scores nobody. In second place, as the names of questions have it.</summary>
    [JsonPropertyName("score"), JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Score { get; init; }

    /// <summary>A digest of what counts of it; null for a question without a map.</summary>
    [JsonPropertyName("map"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Map { get; init; }

    /// <summary>The version of a registered analysis; null for built-in analyses.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>The null model that the correlation is compared with, besides independence; null for none.</summary>
    [JsonPropertyName("null"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Null { get; init; }

    /// <summary>How rows are left out of a cross-validation, which has no map.</summary>
    [JsonPropertyName("cv"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cv { get; init; }

    /// <summary>The parcellation of the R-map that is asked for; null for other questions.</summary>
    [JsonPropertyName("parcellation"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parcellation { get; init; }

    /// <summary>The category within whose levels outcomes are permuted, or whose levels are left out by turns.</summary>
    [JsonPropertyName("within"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Within { get; init; }

    /// <summary>A digest of all maps that were asked about together; null for a single map, and unless p is by permutation or surrogates.</summary>
    [JsonPropertyName("batch"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Batch { get; init; }

    /// <summary>Which p is shown. It is part of the question only when p is by permutation or by surrogates. Otherwise p follows from the released answer.</summary>
    [JsonPropertyName("alternative"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alternative { get; init; }

    /// <summary>The same question about R, whatever p is shown with it. A cross-validation's folds are made from it, so that they are the same for every p.</summary>
    [JsonIgnore]
    public CanonicalQuery Plain => this with { Null = null, Batch = null, Alternative = null };

    /// <summary>
    /// The same question for all maps of the batch and every alternative. The seed of a map's permutations or surrogates is made from it, so these all use the same
    /// draws.
    /// </summary>
    [JsonIgnore]
    public CanonicalQuery Together => this with { Map = Batch ?? Map, Alternative = null };

    /// <summary>A name for the question on one state of the data: SHA-256 in hexadecimal digits.</summary>
    public string NameOn(string dataVersion) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{dataVersion}\n{JsonSerializer.Serialize(this)}")));
}
