using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The rows that a query asks about: its filters hold, and outcome and covariates are there.</summary>
/// <param name="Rows">Indices into <see cref="DataView.Rows"/>.</param>
/// <param name="Outcome">One value a row.</param>
/// <param name="Covariates">Columns of one value a row; a category of m levels is m − 1 columns of zeros and ones.</param>
public sealed record CohortSelection(IReadOnlyList<int> Rows, double[] Outcome, IReadOnlyList<double[]> Covariates)
{
    public static CohortSelection Of(DataView view, CohortQuery query)
    {
        var outcome = view.Outcomes[query.Outcome];
        var conditions = query.Filters.Select(filter => Condition(filter, view.Attributes[filter.Name])).ToArray();
        var covariates = query.Covariates.Select(name => Covariate.Of(name, view)).ToArray();
        int[] rows =
        [
            .. Enumerable.Range(0, view.Rows.Count).Where(row =>
                double.IsFinite(outcome[row]) && Array.TrueForAll(conditions, holds => holds(row)) && Array.TrueForAll(covariates, covariate => covariate.Has(row))),
        ];
        return new CohortSelection(rows, Array.ConvertAll(rows, row => outcome[row]), [.. covariates.SelectMany(covariate => covariate.Columns(rows))]);
    }

    private static Func<int, bool> Condition(Filter filter, string[] values) => filter switch
    {
        Filter.OneOf oneOf => row => oneOf.Levels.Contains(values[row]),
        Filter.Within within => row => TableNumber.Parse(values[row]) is var value
            && value >= within.Min && (value < within.Max || (within.MaxIncluded && value == within.Max)),
        Filter.EqualTo equal => row => TableNumber.Parse(values[row]) == equal.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    /// <summary>A numeric column, or a category, of which one column a level tells which it is; where site.yaml does not say, what is all numbers is one.</summary>
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
                // What is none of the levels is a fault, and no level of its own.
                VariableDeclaration.Category category => new Covariate(null, Array.ConvertAll(texts, text => category.Levels.Contains(text) ? text : "")),
                _ => new Covariate(texts.Where((text, row) => text.Length > 0 && double.IsNaN(numbers[row])).Any() ? null : numbers, texts),
            };
        }

        public bool Has(int row) => Numbers is null ? Texts[row].Length > 0 : double.IsFinite(Numbers[row]);

        public IEnumerable<double[]> Columns(int[] rows) =>
            Numbers is not null
                ? [Array.ConvertAll(rows, row => Numbers[row])]
                : rows.Select(row => Texts[row]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Skip(1)
                    .Select(level => Array.ConvertAll(rows, row => Texts[row] == level ? 1.0 : 0.0));
    }
}
