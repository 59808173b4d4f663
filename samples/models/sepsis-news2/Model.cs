using System.Diagnostics;
using System.Text.Json;

namespace SepsisNews2;

/// <summary>The model as the sandbox sees it: one JSON file in, one out, and an exit code.</summary>
public static class Model
{
    public const int Done = 0;
    public const int BadInput = 2;

    /// <summary>Reads the input, scores it, writes the output.</summary>
    /// <param name="complain">Takes the one line that names every fault of the input.</param>
    /// <returns><see cref="Done"/>, or <see cref="BadInput"/> without an output.</returns>
    public static int Run(string inputPath, string outputPath, Action<string> complain)
    {
        switch (ReadFile(inputPath))
        {
            case ModelInput.Accepted accepted:
                using (var stream = File.Create(outputPath))
                    Write(News2.Score(accepted.Vitals), stream);
                return Done;
            case ModelInput.Refused refused:
                complain($"{inputPath}: {string.Join("; ", refused.Faults)}");
                return BadInput;
            default:
                throw new UnreachableException();
        }
    }

    private static ModelInput ReadFile(string path)
    {
        try
        {
            return ModelInput.Read(File.ReadAllBytes(path));
        }
        catch (IOException e)
        {
            return new ModelInput.Refused([e.Message]);
        }
    }

    private static void Write(News2Score score, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("diagnosis", score.SuggestsSepsis ? "POSITIVE" : "NEGATIVE");
        json.WriteNumber("score", score.Total);
        json.WriteString("risk", score.Risk switch
        {
            Risk.Low => "low",
            Risk.LowMedium => "low-medium",
            Risk.Medium => "medium",
            _ => "high",
        });
        json.WriteBoolean("complete", score.Complete);
        json.WriteEndObject();
    }
}
