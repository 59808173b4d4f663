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

    /// <summary>The parcellation of the R-map that is asked for; null for other questions.</summary>
    public string? Parcellation { get; init; }

    /// <summary>The category whose levels are blocks of a permutation, or are left out by turns; null for none.</summary>
    public string? Within { get; init; }

    /// <summary>
    /// Compares the fields with the catalog. What the catalog does not show is refused exactly like what does not exist. The question decides which fields are read; any other that is there is refused, whatever it holds.
    /// </summary>
    public static QueryParse Parse(QueryFields fields, Catalog catalog, Asker asker)
    {
        var faults = new FaultList<FieldFault>();
        var asked = fields.Asked ?? (!string.IsNullOrEmpty(fields.Parcellation) ? Question.OutcomeMap : !string.IsNullOrEmpty(fields.Cv) ? Question.CrossValidation : Question.Map);
        string[] outcomes = [.. catalog.Outcomes.Select(outcome => outcome.Name)];
        var outcome = Known("outcome", fields.Outcome, outcomes, faults);
        if (string.IsNullOrEmpty(fields.Outcome))
            faults.Add(new FieldFault("outcome", "missing", outcomes));
        var stat = Known("stat", fields.Stat, catalog.Stats, faults) ?? catalog.Stats[0];
        var statistic = (Statistic)((List<string>)[.. catalog.Stats]).IndexOf(stat);
        if (statistic == Statistic.Kendall && asked != Question.Map)
            faults.Add(new FieldFault("stat", $"{(asked == Question.OutcomeMap ? "an R-map" : "a cross-validation")} goes by pearson or spearman", []));
        var scoreText = Taken("score", fields.Score);
        var score = asked == Question.CrossValidation ? ScoreOf(scoreText, statistic, faults) : ScoreOf(scoreText, catalog, faults);
        // By which alternative there is no p is no matter, if it is the usual one.
        var isUsual = asked == Question.OutcomeMap && fields.Alternative == AlternativeNames.All[0];
        var alternative = Known("alternative", isUsual ? null : Taken("alternative", fields.Alternative), AlternativeNames.All, faults) ?? AlternativeNames.All[0];
        var mask = Known("mask", Taken("mask", fields.Mask), catalog.Masks, faults);
        var filters = FilterParser.Parse(fields.Filters, catalog, asker, faults);
        if (catalog.MustPinVisit && !filters.Any(filter => filter is Filter.OneOf { Name: Catalog.Visit, Levels.Count: 1 }))
            faults.Add(OneVisit.Fault(catalog));
        var covariates = ParseCovariates(Taken("covariates", fields.Covariates), catalog, outcome, statistic, asked, faults);
        var model = ParseNull(Taken("null", fields.Null), statistic, asked, faults);
        var folds = Own(Question.CrossValidation, "cv", fields.Cv, AnalysisContract.CrossValidate, FoldSchemes.All);
        var parcellation = Own(Question.OutcomeMap, "parcellation", fields.Parcellation, AnalysisContract.OutcomeMap, [.. catalog.Parcellations.Select(known => known.Name)]);
        var within = ParseWithin(fields with { Within = Taken("within", fields.Within) }, catalog, asked, faults);
        return faults.Count > 0
            ? new QueryParse.Refused(faults)
            : new QueryParse.Accepted(new CohortQuery
            {
                Outcome = outcome!,
                Score = score,
                Statistic = statistic,
                Alternative = AlternativeNames.Read(alternative),
                Mask = mask,
                Filters = filters,
                Covariates = covariates,
                Null = model,
                Folds = folds is null ? null : (FoldScheme)FoldSchemes.All.Index().First(name => name.Item == folds).Index,
                Parcellation = parcellation,
                Within = within,
            });

        // What an R-map does not take.
        string? Taken(string field, string? text)
        {
            if (asked != Question.OutcomeMap || string.IsNullOrEmpty(text))
                return text;
            faults.Add(field, static field => new FieldFault(field, "an R-map takes none", []));
            return null;
        }

        // The field that makes the question what it is.
        string? Own(Question question, string field, string? text, string task, IReadOnlyList<string> allowed)
        {
            if (string.IsNullOrEmpty(text) == (asked == question))
                faults.Add(new FieldFault(field, asked == question ? "is missing" : $"goes with task={task}", allowed));
            return asked == question ? Known(field, text, allowed, faults) : null;
        }
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

    private static Score ScoreOf(string? text, Catalog catalog, FaultList<FieldFault> faults) =>
        Known("score", text, catalog.Scores, faults) is { } score ? (Score)catalog.Scores.Index().First(name => name.Item == score).Index : Score.Dot;

    /// <summary>That of a cross-validation follows from its statistic.</summary>
    private static Score ScoreOf(string? text, Statistic statistic, FaultList<FieldFault> faults)
    {
        var score = statistic == Statistic.Spearman ? Score.SpatialSpearman : Score.SpatialPearson;
        if (!string.IsNullOrEmpty(text) && text != ScoreNames.Of(score))
            faults.Add(new FieldFault("score", "a cross-validation scores by the spatial correlation of its stat", [ScoreNames.Of(score)]));
        return score;
    }

    private static NullModel? ParseNull(string? text, Statistic statistic, Question asked, FaultList<FieldFault> faults)
    {
        if (Known("null", text, NullNames.All, faults) is not { } name)
            return null;
        var model = (NullModel)NullNames.All.Index().First(known => known.Item == name).Index;
        if (asked == Question.Map && statistic == Statistic.Kendall && model == NullModel.Degree)
            faults.Add(new FieldFault("null", "kendall has no partial correlation: degree goes with pearson and spearman", []));
        else if (asked == Question.CrossValidation && model != NullModel.Permutation)
            faults.Add(new FieldFault("null", "a cross-validation has no map to hold against others", [NullNames.Of(NullModel.Permutation)]));
        else if (asked == Question.CrossValidation && statistic != Statistic.Pearson)
            faults.Add(new FieldFault("null", "a cross-validation is permuted by pearson alone: ranks would be made anew at each voxel, for each part and each of the orders", []));
        return model;
    }

    private static string? ParseWithin(QueryFields fields, Catalog catalog, Question asked, FaultList<FieldFault> faults)
    {
        string[] categories = [.. catalog.Variables.OfType<Variable.Category>().Select(category => category.Name)];
        var isGrouped = fields.Cv == FoldSchemes.Of(FoldScheme.Group);
        if (string.IsNullOrEmpty(fields.Within) && isGrouped && asked == Question.CrossValidation)
            faults.Add(new FieldFault("within", "missing: the category whose levels are left out by turns", categories));
        // Where cv is refused, it is not asked for here.
        if (string.IsNullOrEmpty(fields.Within) || isGrouped || fields.Null == NullNames.Of(NullModel.Permutation))
            return Known("within", fields.Within, categories, faults);
        faults.Add(new FieldFault("within", "says in which blocks outcomes are permuted, or which groups are left out: it goes with null=permutation or cv=group", []));
        return null;
    }

    private static string[] ParseCovariates(string? text, Catalog catalog, string? outcome, Statistic statistic, Question asked, FaultList<FieldFault> faults)
    {
        if (string.IsNullOrWhiteSpace(text))
            return [];
        if (asked == Question.CrossValidation || statistic == Statistic.Kendall)
        {
            faults.Add(new FieldFault("covariates", asked == Question.CrossValidation ? "a cross-validation takes none" : "kendall takes no covariates", []));
            return [];
        }

        var names = text.Split(',', StringSplitOptions.TrimEntries);
        string[] allowed = [.. catalog.Variables.Select(variable => variable.Name).Concat(catalog.Outcomes.Select(entry => entry.Name)).Where(name => name != outcome)];
        foreach (var name in names.Distinct(StringComparer.Ordinal).Where(name => !allowed.Contains(name)))
            faults.Add((name, allowed), static of => new FieldFault("covariates", $"unknown covariate {Quoted.Text(of.name)}", of.allowed));
        foreach (var (name, _) in names.CountBy(name => name).Where(entry => entry.Value > 1))
            faults.Add(name, static name => new FieldFault("covariates", $"{Quoted.Text(name)} is there more than once", []));
        return [.. names.Order(StringComparer.Ordinal)];
    }
}
