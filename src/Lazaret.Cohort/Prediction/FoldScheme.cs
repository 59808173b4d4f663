using System.Text.Json;

namespace Lazaret.Cohort.Prediction;

/// <summary>Who is left out together, while the others say which connectivity goes with the outcome.</summary>
public enum FoldScheme
{
    /// <summary>Each subject by themselves.</summary>
    Loo,

    /// <summary>One of five parts at a time, drawn from a seed.</summary>
    Kfold,

    /// <summary>One level of a category at a time, such as a centre.</summary>
    Group,
}

/// <summary>Schemes by the names that requests use.</summary>
public static class FoldSchemes
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<FoldScheme>().Select(Of)];

    public static string Of(FoldScheme scheme) => JsonNamingPolicy.SnakeCaseLower.ConvertName(scheme.ToString());
}
