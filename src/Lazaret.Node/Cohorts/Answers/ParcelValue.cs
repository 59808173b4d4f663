using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>An R-map in one parcel.</summary>
internal sealed record ParcelValue(
    [property: JsonPropertyName("label"), Description("its value in the parcellation's volume")] int Label,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("R"), Description("the mean, over its voxels, of the correlation of connectivity and outcome")] decimal R);
