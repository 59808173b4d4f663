using System.Text.Json;

namespace Lazaret.Cohort.Statistics;

/// <summary>Which way a correlation would have to go to count against the null hypothesis that there is none.</summary>
public enum Alternative
{
    TwoSided,
    Greater,
    Less,
}

/// <summary>Alternatives by the names that requests use, which are scipy's.</summary>
public static class AlternativeNames
{
    /// <summary>The default first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Alternative>().Select(Of)];

    public static string Of(Alternative alternative) => JsonNamingPolicy.KebabCaseLower.ConvertName(alternative.ToString());

    /// <exception cref="ArgumentException">There is no alternative of this name.</exception>
    public static Alternative Read(string name) => Array.Find(Enum.GetValues<Alternative>(), alternative => Of(alternative) == name) is var found && Of(found) == name
        ? found
        : throw new ArgumentException($"no alternative: {name}", nameof(name));

    /// <summary>How far out a statistic is, in this direction.</summary>
    public static double Extremity(this Alternative alternative, double statistic) => alternative switch
    {
        Alternative.TwoSided => Math.Abs(statistic),
        Alternative.Greater => statistic,
        Alternative.Less => -statistic,
        _ => throw new ArgumentOutOfRangeException(nameof(alternative)),
    };

    /// <summary>p for an alternative, where the statistic is as likely above 0 as below it under the null hypothesis.</summary>
    /// <param name="statistic">Its sign counts.</param>
    /// <param name="twoSided">The two-sided p.</param>
    public static double P(this Alternative alternative, double statistic, double twoSided) => alternative switch
    {
        Alternative.TwoSided => twoSided,
        Alternative.Greater => statistic > 0 ? twoSided / 2 : 1 - twoSided / 2,
        Alternative.Less => statistic < 0 ? twoSided / 2 : 1 - twoSided / 2,
        _ => throw new ArgumentOutOfRangeException(nameof(alternative)),
    };
}
