using Lazaret.Disclosure;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Tests;

/// <summary>Disclosure control that lets everything out of a cohort of five rows: for tests of other things, which ask more than an attacker may.</summary>
internal static class OpenPolicy
{
    private static readonly string[] Off = [.. Enum.GetNames<DisclosureControlName>().Except([nameof(DisclosureControlName.C1)])];

    public static DisclosureOptions Options { get; } = new()
    {
        MinimumCohort = 5,
        QueriesPerWeek = 0,
        TickMilliseconds = 0,
        Off = Off,
        Review = new ReviewOptions { VisitingAnalyses = false },
    };

    /// <summary>The same as variables of an environment, but for the smallest cohort.</summary>
    public static IReadOnlyList<(string Key, string Value)> Environment { get; } =
    [
        ("Lazaret__Disclosure__QueriesPerWeek", "0"),
        ("Lazaret__Disclosure__TickMilliseconds", "0"),
        ("Lazaret__Disclosure__Review__VisitingAnalyses", "false"),
        .. Off.Select((name, index) => ($"Lazaret__Disclosure__Off__{index}", name)),
    ];

    /// <summary>Those, where no disclosure policy is among the settings.</summary>
    public static IReadOnlyList<(string Key, string Value)> Unless(IEnumerable<(string Key, string Value)> settings) =>
        settings.Any(setting => setting.Key.StartsWith("Lazaret__Disclosure__", StringComparison.Ordinal)) ? [] : Environment;
}
