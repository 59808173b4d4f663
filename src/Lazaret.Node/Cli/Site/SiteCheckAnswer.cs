using Lazaret.Cohort;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cli.Site;

/// <summary>What <c>lazaret site check --json</c> prints.</summary>
internal sealed record SiteCheckAnswer(
    IReadOnlyList<SiteCheckAnswer.Place> Faults,
    int MoreFaults,
    IReadOnlyList<SiteCheckAnswer.Place> Findings,
    IReadOnlyList<SiteCheckAnswer.Place> LostRows,
    int Lost,
    IReadOnlyDictionary<string, int> Rows,
    int Joined,
    IReadOnlyDictionary<string, SiteCheckAnswer.Kind> Variables,
    IReadOnlyDictionary<string, int> Outcomes,
    int Volumes,
    IReadOnlyDictionary<string, int> Masks,
    IReadOnlyDictionary<string, int> Parcellations)
{
    public static SiteCheckAnswer Of(SiteReport report, DataView view) => new(
        [.. report.Faults.Select(Place.Of)],
        report.Faults.More,
        [.. report.Findings.Select(Place.Of)],
        [.. view.Notes.Select(Place.Of)],
        report.Lost,
        report.Lines,
        report.Joined,
        report.Variables.ToDictionary(variable => variable.Name, Kind.Of, StringComparer.Ordinal),
        report.Outcomes,
        report.Volumes,
        report.Masks,
        report.Parcellations);

    /// <param name="Levels">Of a category, how many; null of numbers.</param>
    public sealed record Kind(string Type, int? Levels)
    {
        public static Kind Of(Variable variable) => variable is Variable.Category category ? new("category", category.Levels.Count) : new("number", Levels: null);
    }

    /// <summary>Line and column are from 1, and 0 where it is the whole file or line.</summary>
    public sealed record Place(string File, int Line, int Column, string Message)
    {
        public static Place Of(Fault fault) => new(fault.File, fault.Line, fault.Column, fault.Message);
    }
}
