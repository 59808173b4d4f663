using System.Text.Json;

namespace Lazaret.Tests.Disclosure;

/// <summary>Vectors that another implementation computed.</summary>
internal static class VectorFile
{
    public static JsonElement Read(string name) => Parse(Path.Combine(AppContext.BaseDirectory, "Disclosure", "data", name));

    public static JsonElement Statistics { get; } = Parse(Path.Combine(AppContext.BaseDirectory, "Cohort", "Statistics", "data", "stat_vectors.json"));

    public static double[] Numbers(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(number => number.ValueKind == JsonValueKind.Null ? double.NaN : number.GetDouble())];

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static JsonElement Parse(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;
}
