using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Queries;

/// <summary>Which rows, which outcome, which statistic. Its parts are in one canonical order: two queries that mean the same are the same.</summary>
public sealed record CohortQuery
{
    public required string Outcome { get; init; }

    public Score Score { get; init; }

    public required Statistic Statistic { get; init; }

    public Alternative Alternative { get; init; }

    /// <summary>Null for the whole grid.</summary>
    public string? Mask { get; init; }

    /// <summary>All must hold; sorted by name, one a variable.</summary>
    public IReadOnlyList<Filter> Filters { get; init; } = [];

    /// <summary>Which visits the filters name; null for all.</summary>
    public IReadOnlyList<string>? Visits => Filters.OfType<Filter.OneOf>().FirstOrDefault(filter => filter.Name == Catalog.Visit)?.Levels;

    /// <summary>Sorted, each once.</summary>
    public IReadOnlyList<string> Covariates { get; init; } = [];

    /// <summary>Null for the p that independence gives.</summary>
    public NullModel? Null { get; init; }

    /// <summary>How rows are left out of the R-map that predicts them; null where a map is asked about.</summary>
    public FoldScheme? Folds { get; init; }

    /// <summary>Of whose parcels the cohort's R-map is given; null for any other question.</summary>
    public string? Parcellation { get; init; }

    /// <summary>The category whose levels are blocks of a permutation, or are left out by turns; null for none.</summary>
    public string? Within { get; init; }

    /// <summary>Compares the fields with the catalog. What the catalog does not show is refused exactly like what does not exist.</summary>
    public static QueryParse Parse(QueryFields fields, Catalog catalog, Asker asker)
    {
        var faults = new FaultList<FieldFault>();
        string[] outcomes = [.. catalog.Outcomes.Select(outcome => outcome.Name)];
        var outcome = Known("outcome", fields.Outcome, outcomes, faults);
        if (string.IsNullOrEmpty(fields.Outcome))
            faults.Add(new FieldFault("outcome", "missing", outcomes));
        var stat = Known("stat", fields.Stat, catalog.Stats, faults) ?? catalog.Stats[0];
        var score = Known("score", fields.Score, catalog.Scores, faults) ?? catalog.Scores[0];
        var alternative = Known("alternative", fields.Alternative, AlternativeNames.All, faults) ?? AlternativeNames.All[0];
        var mask = Known("mask", fields.Mask, catalog.Masks, faults);
        var filters = FilterParser.Parse(fields.Filters, catalog, asker, faults);
        if (catalog.MustPinVisit && !filters.Any(filter => filter is Filter.OneOf { Name: Catalog.Visit, Levels.Count: 1 }))
            faults.Add(OneVisit.Fault(catalog));
        var statistic = (Statistic)((List<string>)[.. catalog.Stats]).IndexOf(stat);
        var covariates = ParseCovariates(fields.Covariates, catalog, outcome, statistic, faults);
        var model = Known("null", fields.Null, NullNames.All, faults);
        var folds = Known("cv", fields.Cv, FoldSchemes.All, faults);
        if (statistic == Statistic.Kendall && model == NullNames.Of(NullModel.Degree))
            faults.Add(new FieldFault("null", "kendall has no partial correlation: degree goes with pearson and spearman", []));
        var within = ParseWithin(fields, catalog, faults);
        if (folds is not null)
            score = CheckFolds(fields, statistic, faults);
        var parcellation = Known("parcellation", fields.Parcellation, [.. catalog.Parcellations.Select(known => known.Name)], faults);
        if (!string.IsNullOrEmpty(fields.Parcellation))
            CheckParcels(fields, statistic, faults);
        return faults.Count > 0
            ? new QueryParse.Refused(faults)
            : new QueryParse.Accepted(new CohortQuery
            {
                Outcome = outcome!,
                Score = (Score)catalog.Scores.Index().First(name => name.Item == score).Index,
                Statistic = statistic,
                Alternative = AlternativeNames.Read(alternative),
                Mask = mask,
                Filters = filters,
                Covariates = covariates,
                Null = model is null ? null : (NullModel)NullNames.All.Index().First(name => name.Item == model).Index,
                Folds = folds is null ? null : (FoldScheme)FoldSchemes.All.Index().First(name => name.Item == folds).Index,
                Parcellation = parcellation,
                Within = within,
            });
    }

    private static string? Known(string field, string? text, IReadOnlyList<string> allowed, FaultList<FieldFault> faults)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (allowed.Contains(text))
            return text;
        faults.Add(new FieldFault(field, $"unknown {field} {Quoted.Text(text)}", allowed));
        return null;
    }

    private static string? ParseWithin(QueryFields fields, Catalog catalog, FaultList<FieldFault> faults)
    {
        string[] categories = [.. catalog.Variables.OfType<Variable.Category>().Select(category => category.Name)];
        var isGrouped = fields.Cv == FoldSchemes.Of(FoldScheme.Group);
        if (!string.IsNullOrEmpty(fields.Within) && !isGrouped && fields.Null != NullNames.Of(NullModel.Permutation))
            faults.Add(new FieldFault("within", "says in which blocks outcomes are permuted, or which groups are left out: it goes with null=permutation or cv=group", []));
        if (string.IsNullOrEmpty(fields.Within) && isGrouped)
            faults.Add(new FieldFault("within", "missing: the category whose levels are left out by turns", categories));
        return Known("within", fields.Within, categories, faults);
    }

    /// <summary>What a cross-validation does not take; returns its score.</summary>
    private static string CheckFolds(QueryFields fields, Statistic statistic, FaultList<FieldFault> faults)
    {
        if (statistic == Statistic.Kendall)
            faults.Add(new FieldFault("stat", "a cross-validation goes by pearson or spearman", []));
        if (!string.IsNullOrEmpty(fields.Covariates))
            faults.Add(new FieldFault("covariates", "a cross-validation takes none", []));
        if (!string.IsNullOrEmpty(fields.Null) && fields.Null != NullNames.Of(NullModel.Permutation))
            faults.Add(new FieldFault("null", "a cross-validation has no map to hold against others", [NullNames.Of(NullModel.Permutation)]));
        else if (!string.IsNullOrEmpty(fields.Null) && statistic != Statistic.Pearson)
            faults.Add(new FieldFault("null", "a cross-validation is permuted by pearson alone: ranks would be made anew at each voxel, for each part and each of the orders", []));
        var score = ScoreNames.Of(statistic == Statistic.Spearman ? Score.SpatialSpearman : Score.SpatialPearson);
        if (!string.IsNullOrEmpty(fields.Score) && fields.Score != score)
            faults.Add(new FieldFault("score", "a cross-validation scores by the spatial correlation of its stat", [score]));
        return score;
    }

    /// <summary>What an R-map does not take.</summary>
    private static void CheckParcels(QueryFields fields, Statistic statistic, FaultList<FieldFault> faults)
    {
        if (statistic == Statistic.Kendall)
            faults.Add(new FieldFault("stat", "an R-map goes by pearson or spearman", []));
        foreach (var (field, text) in new[] { ("score", fields.Score), ("alternative", fields.Alternative), ("mask", fields.Mask), ("covariates", fields.Covariates), ("null", fields.Null), ("cv", fields.Cv) })
        {
            if (!string.IsNullOrEmpty(text))
                faults.Add(field, static field => new FieldFault(field, "an R-map takes none", []));
        }
    }

    private static string[] ParseCovariates(string? text, Catalog catalog, string? outcome, Statistic statistic, FaultList<FieldFault> faults)
    {
        if (string.IsNullOrWhiteSpace(text))
            return [];
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        string[] allowed = [.. catalog.Variables.Select(variable => variable.Name).Concat(catalog.Outcomes.Select(entry => entry.Name)).Where(name => name != outcome)];
        foreach (var name in names.Distinct(StringComparer.Ordinal).Where(name => !allowed.Contains(name)))
            faults.Add((name, allowed), static of => new FieldFault("covariates", $"unknown covariate {Quoted.Text(of.name)}", of.allowed));
        foreach (var (name, _) in names.CountBy(name => name).Where(entry => entry.Value > 1))
            faults.Add(name, static name => new FieldFault("covariates", $"{Quoted.Text(name)} is there more than once", []));
        if (statistic == Statistic.Kendall)
            faults.Add(new FieldFault("covariates", "kendall takes no covariates", []));
        return [.. names.Order(StringComparer.Ordinal)];
    }
}
