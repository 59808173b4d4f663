using System.Text.Json;

namespace Lazaret.Node.Diagnoses;

/// <summary>A request for a diagnosis as its job keeps it: which model; what it is told lies in the job's input.</summary>
public sealed record DiagnosisRequest(string Model, string Version)
{
    public string Write() => JsonSerializer.Serialize(this);

    public static DiagnosisRequest Read(string json) => JsonSerializer.Deserialize<DiagnosisRequest>(json)!;
}
