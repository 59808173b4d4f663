using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort.Tables;

/// <summary>What a requester may ask of a site. A level, a bin or an outcome that fewer rows have than the minimum is not in it.</summary>
public sealed class Catalog
{
    private Catalog() { }

    public string? Template { get; private init; }

    public double? ResolutionMm { get; private init; }

    public Grid? Grid { get; private init; }

    public required IReadOnlyList<Variable> Variables { get; init; }

    public required IReadOnlyList<Outcome> Outcomes { get; init; }

    public required IReadOnlyList<string> Masks { get; init; }

    /// <summary>The statistics' names, the default first.</summary>
    public IReadOnlyList<string> Stats { get; } = [.. Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant())];

    public required int MinimumCohort { get; init; }

    /// <param name="minimumCohort">In rows; 0 shows everything, which is for the steward and for a second check inside a sandbox.</param>
    public static Catalog Of(DataView view, int minimumCohort) => new()
    {
        Template = view.Declaration.Template,
        ResolutionMm = view.Declaration.ResolutionMm ?? view.Grid?.ResolutionMm,
        Grid = view.Grid,
        Variables = [.. Declared(view).Select(variable => Shown(variable, view, minimumCohort)).OfType<Variable>()],
        Outcomes =
        [
            .. view.Outcomes.Select(column => new Outcome(column.Key, column.Value.Count(double.IsFinite)))
                .Where(outcome => outcome.N >= minimumCohort),
        ],
        Masks = view.Masks,
        MinimumCohort = minimumCohort,
    };

    private static IEnumerable<VariableDeclaration> Declared(DataView view) =>
        view.Declaration.Variables ?? view.Attributes.Select(column => Derive(column.Key, column.Value));

    /// <summary>More than eight different values, all of them numbers, are a number; anything else is a category.</summary>
    private static VariableDeclaration Derive(string name, string[] values)
    {
        var levels = values.Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var numbers = Array.ConvertAll(levels, TableNumber.Parse);
        return name != "visit" && !numbers.Contains(double.NaN) && numbers.Distinct().Count() > 8
            ? new VariableDeclaration.Number(name, Bins.Derive(numbers.Min(), numbers.Max()))
            : new VariableDeclaration.Category(name, levels);
    }

    private static Variable? Shown(VariableDeclaration variable, DataView view, int minimum)
    {
        var values = view.Attributes[variable.Name];
        switch (variable)
        {
            case VariableDeclaration.Category category:
                var counts = values.CountBy(value => value, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
                string[] levels = [.. category.Levels.Where(level => counts.GetValueOrDefault(level) >= minimum)];
                return levels.Length == 0 ? null : new Variable.Category(variable.Name, levels);
            case VariableDeclaration.Number number:
                var edges = Bins.Merge(number.Edges, Array.ConvertAll(values, TableNumber.Parse), minimum);
                return edges.Count == 0 ? null : new Variable.Number(variable.Name, edges);
            default:
                throw new ArgumentOutOfRangeException(nameof(variable));
        }
    }
}
