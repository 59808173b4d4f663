using System.Text.Json;

namespace Lazaret.Cohort.Nulls;

/// <summary>What a correlation is compared with when independence is too weak a null hypothesis.</summary>
public enum NullModel
{
    /// <summary>Outcomes are given to the rows anew, as if they belonged to nobody in particular.</summary>
    Permutation,

    /// <summary>What the cohort's mean map tells of everybody: networks that look alike across disorders are in it.</summary>
    Degree,

    /// <summary>Maps as smooth as the one that is asked about, and otherwise unlike it.</summary>
    Spatial,
}

/// <summary>Null models by the names that requests use.</summary>
public static class NullNames
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<NullModel>().Select(Of)];

    public static string Of(NullModel model) => JsonNamingPolicy.SnakeCaseLower.ConvertName(model.ToString());
}
