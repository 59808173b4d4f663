using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort.Tables;

/// <summary>What a requester may ask of a site. A level, a bin or an outcome that fewer subjects have than the minimum is not in it.</summary>
public sealed class Catalog
{
    /// <summary>The variable that tells a subject's visits apart.</summary>
    internal const string Visit = "visit";

    /// <summary>Up to so many different numbers are levels of a category; more are a number with bins.</summary>
    internal const int MostNumericLevels = 8;

    private Catalog() { }

    public string? Template { get; private init; }

    public double? ResolutionMm { get; private init; }

    public Grid? Grid { get; private init; }

    public required IReadOnlyList<Variable> Variables { get; init; }

    public required IReadOnlyList<Outcome> Outcomes { get; init; }

    public required IReadOnlyList<string> Masks { get; init; }

    public required IReadOnlyList<Parcellation> Parcellations { get; init; }

    /// <summary>The statistics' names, the default first.</summary>
    public IReadOnlyList<string> Stats { get; } = [.. Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant())];

    /// <summary>The scores' names, the default first.</summary>
    public IReadOnlyList<string> Scores { get; } = ScoreNames.All;

    /// <summary>The null models' names; without one p is by independence.</summary>
    public IReadOnlyList<string> Nulls { get; } = NullNames.All;

    public required int MinimumCohort { get; init; }

    /// <summary>Whether a query must say which visit it means: somebody has several visits, which would count as several people.</summary>
    public bool MustPinVisit { get; private init; }

    /// <summary>The visits that may be asked about.</summary>
    public IReadOnlyList<string> Visits => Variables.OfType<Variable.Category>().FirstOrDefault(variable => variable.Name == Visit)?.Levels ?? [];

    /// <param name="minimumCohort">How many subjects a level, bin or outcome must have; 0 shows everything, which is for the steward and for a second check inside a sandbox.</param>
    /// <param name="pinVisit">Whether a query that could hold a subject twice is refused.</param>
    public static Catalog Of(DataView view, int minimumCohort, bool pinVisit = false) => new()
    {
        Template = view.Declaration.Template,
        ResolutionMm = view.Declaration.ResolutionMm ?? view.Grid?.ResolutionMm,
        Grid = view.Grid,
        Variables = [.. Declared(view).Select(variable => Shown(variable, view, minimumCohort)).OfType<Variable>()],
        Outcomes =
        [
            .. view.Outcomes.Select(column => new Outcome(column.Key, view.CountSubjects(row => double.IsFinite(column.Value[row]))))
                .Where(outcome => outcome.N >= minimumCohort),
        ],
        Masks = view.Masks,
        Parcellations = view.Parcellations,
        MinimumCohort = minimumCohort,
        MustPinVisit = pinVisit && HasSeveralVisits(view),
    };

    private static bool HasSeveralVisits(DataView view) => view.CountSubjects(_ => true) < view.Rows.Count;

    // A query that must name a visit can name it, whatever site.yaml declares.
    private static IEnumerable<VariableDeclaration> Declared(DataView view) => view.Declaration.Variables switch
    {
        null => view.Attributes.Select(column => Derive(column.Key, column.Value)),
        var declared when HasSeveralVisits(view) && !declared.Any(variable => variable.Name == Visit) => declared.Append(Derive(Visit, view.Attributes[Visit])),
        var declared => declared,
    };

    /// <summary>A column with more than eight different values, all of them numbers, is a number; any other, and the visit, is a category.</summary>
    private static VariableDeclaration Derive(string name, string[] values)
    {
        var levels = values.Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var numbers = Array.ConvertAll(levels, TableNumber.Parse);
        return name != Visit && !numbers.Contains(double.NaN) && numbers.Distinct().Count() > MostNumericLevels
            ? new VariableDeclaration.Number(name, Bins.Derive(numbers.Min(), numbers.Max()))
            : new VariableDeclaration.Category(name, levels);
    }

    private static Variable? Shown(VariableDeclaration variable, DataView view, int minimum)
    {
        var values = view.Attributes[variable.Name];
        switch (variable)
        {
            case VariableDeclaration.Category category:
                var subjects = values.Zip(view.Rows, (value, row) => (value, row.SubjectId)).Distinct().CountBy(pair => pair.value, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
                string[] levels = [.. category.Levels.Where(level => subjects.GetValueOrDefault(level) >= minimum)];
                return levels.Length == 0 ? null : new Variable.Category(variable.Name, levels);
            case VariableDeclaration.Number number:
                var edges = Bins.Merge(number.Edges, values.Zip(view.Rows, (value, row) => (TableNumber.Parse(value), row.SubjectId)), minimum);
                return edges.Count == 0 ? null : new Variable.Number(variable.Name, edges);
            default:
                throw new ArgumentOutOfRangeException(nameof(variable));
        }
    }
}
