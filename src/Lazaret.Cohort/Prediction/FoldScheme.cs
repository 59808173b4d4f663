using System.Text.Json;

namespace Lazaret.Cohort.Prediction;

/// <summary>Which subjects are left out together, while the R-map is fitted to the others.</summary>
public enum FoldScheme
{
    /// <summary>One subject at a time.</summary>
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
