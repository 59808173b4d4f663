using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The rows that a query asks about: its filters hold, and outcome, covariates and block are there.</summary>
/// <param name="Rows">Indices into <see cref="DataView.Rows"/>.</param>
/// <param name="Outcome">One value per row.</param>
/// <param name="Covariates">Columns of one value per row; a category of m levels is m − 1 columns of zeros and ones.</param>
public sealed record CohortSelection(IReadOnlyList<int> Rows, double[] Outcome, IReadOnlyList<double[]> Covariates)
{
    /// <summary>For each column of <see cref="Covariates"/>, the covariate that it is of.</summary>
    public IReadOnlyList<string> CovariateNames { get; init; } = [];

    /// <summary>For each row, the block within which outcomes are permuted. Empty where there is one block.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>Some of its rows.</summary>
    /// <param name="kept">Indices into <see cref="Rows"/>.</param>
    public CohortSelection Only(int[] kept)
    {
        return this with { Rows = Pick(Rows), Outcome = Pick(Outcome), Covariates = [.. Covariates.Select(Pick)], Blocks = Blocks.Count == 0 ? [] : Pick(Blocks) };

        T[] Pick<T>(IReadOnlyList<T> column) => Array.ConvertAll(kept, row => column[row]);
    }

    /// <summary>
    /// How many columns the covariates are for all that a requester may know: by the levels that the catalog shows and the filters leave. How many they are among these
    /// rows would tell whether somebody has a level that too few have, or whether all are alike.
    /// </summary>
    public static int ColumnsShown(DataView view, CohortQuery query, Catalog catalog) => query.Covariates.Sum(name =>
    {
        if (Covariate.Of(name, view).IsNumber)
            return 1;
        var shown = catalog.Variables.OfType<Variable.Category>().FirstOrDefault(variable => variable.Name == name)?.Levels ?? [];
        var asked = query.Filters.OfType<Filter.OneOf>().FirstOrDefault(filter => filter.Name == name)?.Levels;
        return Math.Max(0, shown.Count(level => asked?.Contains(level) != false) - 1);
    });

    public static CohortSelection Of(DataView view, CohortQuery query)
    {
        var outcome = view.Outcomes[query.Outcome];
        var conditions = query.Filters.Select(filter => Condition(filter, view.Attributes[filter.Name])).ToArray();
        var covariates = query.Covariates.Select(name => Covariate.Of(name, view)).ToArray();
        var blocks = query.Within is { } within ? Covariate.TextsOf(within, view) : null;
        int[] rows =
        [
            .. Enumerable.Range(0, view.Rows.Count).Where(row =>
                double.IsFinite(outcome[row]) && Array.TrueForAll(conditions, holds => holds(row)) && Array.TrueForAll(covariates, covariate => covariate.Has(row)) && blocks?[row] is not ""),
        ];
        (string Name, double[] Values)[] columns = [.. query.Covariates.Zip(covariates).SelectMany(covariate => covariate.Second.Columns(rows).Select(values => (covariate.First, values)))];
        return new CohortSelection(rows, Array.ConvertAll(rows, row => outcome[row]), [.. columns.Select(column => column.Values)])
        {
            CovariateNames = [.. columns.Select(column => column.Name)],
            Blocks = blocks is null ? [] : Array.ConvertAll(rows, row => blocks[row]),
        };
    }

    private static Func<int, bool> Condition(Filter filter, string[] values) => filter switch
    {
        Filter.OneOf oneOf => row => oneOf.Levels.Contains(values[row]),
        Filter.Within within => row => TableNumber.Parse(values[row]) is var value
            && value >= within.Min && (value < within.Max || (within.MaxIncluded && value == within.Max)),
        Filter.EqualTo equal => row => TableNumber.Parse(values[row]) == equal.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    /// <summary>A numeric column, or a category, of which one column per level tells which it is; where site.yaml does not say, what is all numbers is one.</summary>
    private sealed record Covariate(double[]? Numbers, string[] Texts)
    {
        public static Covariate Of(string name, DataView view)
        {
            if (!view.Attributes.TryGetValue(name, out var texts))
                return new Covariate(view.Outcomes[name], []);
            var numbers = Array.ConvertAll(texts, TableNumber.Parse);
            return view.Declaration.Variables?.FirstOrDefault(variable => variable.Name == name) switch
            {
                VariableDeclaration.Number => new Covariate(numbers, []),
                VariableDeclaration.Category => new Covariate(null, TextsOf(name, view)),
                _ => new Covariate(texts.Where((text, row) => text.Length > 0 && double.IsNaN(numbers[row])).Any() ? null : numbers, texts),
            };
        }

        /// <summary>The levels of a category; empty where there is none. What is not declared is a fault of the table, and no level of its own.</summary>
        public static string[] TextsOf(string name, DataView view) =>
            view.Declaration.Variables?.FirstOrDefault(variable => variable.Name == name) is VariableDeclaration.Category category
                ? Array.ConvertAll(view.Attributes[name], text => category.Levels.Contains(text) ? text : "")
                : view.Attributes[name];

        public bool IsNumber => Numbers is not null;

        public bool Has(int row) => Numbers is null ? Texts[row].Length > 0 : double.IsFinite(Numbers[row]);

        public IEnumerable<double[]> Columns(int[] rows) =>
            Numbers is not null
                ? [Array.ConvertAll(rows, row => Numbers[row])]
                : rows.Select(row => Texts[row]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Skip(1)
                    .Select(level => Array.ConvertAll(rows, row => Texts[row] == level ? 1.0 : 0.0));
    }
}
