using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Nodes;

/// <param name="Outcome">The outcome's name.</param>
/// <param name="Maps">On the site's grid; several are one 4-D volume.</param>
internal sealed record Question(string Outcome, params IReadOnlyList<float[]> Maps)
{
    private static readonly JsonObject AtBaseline = new() { ["visit"] = AttackSite.Baseline };

    /// <summary>A JSON object.</summary>
    public string Filters { get; init; } = AtBaseline.ToJsonString();

    /// <summary>Of whose parcels the R-map is asked for; there are no maps then.</summary>
    public string? Parcellation { get; init; }

    /// <summary>The statistic.</summary>
    public string Stat { get; init; } = "pearson";

    /// <summary>Another null model than independence; null for none.</summary>
    public string? Null { get; init; }

    public bool Compress { get; init; }

    /// <summary>Beside the filters that it has.</summary>
    public Question Where(string variable, JsonNode value)
    {
        var filters = JsonNode.Parse(Filters)!.AsObject();
        filters[variable] = value;
        return this with { Filters = filters.ToJsonString() };
    }
}
