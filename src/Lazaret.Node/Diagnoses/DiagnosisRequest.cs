using System.Text.Json;

namespace Lazaret.Node.Diagnoses;

/// <summary>A request for a diagnosis as its job keeps it; what the model is told lies in the job's input.</summary>
/// <param name="Client">Which of the requester's programs asked, in its own words.</param>
/// <param name="Model">The key of the model that was chosen.</param>
/// <param name="Version">Its version.</param>
public sealed record DiagnosisRequest(string Client, string Model, string Version)
{
    public string Write() => JsonSerializer.Serialize(this);

    public static DiagnosisRequest Read(string json) => JsonSerializer.Deserialize<DiagnosisRequest>(json)!;
}
