using System.Text.Json.Nodes;

namespace Lazaret.Node.Cli.Attack.Nodes;

/// <summary>What came back: results, one a map or parcel, or a refusal of whatever kind.</summary>
/// <param name="Refusal">Status and body of what was not answered, all that tells it from another but its reference; null when it was answered.</param>
/// <param name="Latency">From the request to the first look that shows the end.</param>
internal sealed record Answer(IReadOnlyList<AnsweredMap> Results, string? Refusal, TimeSpan Latency)
{
    /// <summary>The standard deviation of the noise on R that the answer says it has, in units of 1/√(n − 1).</summary>
    public double Noise { get; private init; }

    public bool IsReleased => Refusal is null;

    /// <summary>A job that is over, or held for a steward.</summary>
    public static Answer Of(JsonNode job, TimeSpan latency)
    {
        if ((string?)job["status"] != "done")
        {
            (job as JsonObject)?.Remove("ref");
            return new Answer([], job.ToJsonString(), latency);
        }

        if (job["parcels"] is JsonArray parcels)
            return new Answer([.. parcels.Select(parcel => new AnsweredMap((int)job["n"]!, (double)parcel![nameof(AnsweredMap.R)]!, double.NaN))], null, latency) { Noise = (double?)job["disclosure"]?["noise"] ?? 0 };
        return new Answer(job["results"] is JsonArray several ? [.. several.Select(result => AnsweredMap.Of(result!))] : [AnsweredMap.Of(job)], null, latency);
    }
}
