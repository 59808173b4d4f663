using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Queries;

/// <summary>The question decides which fields are read: what it does not take is refused once, and nothing else is said of it.</summary>
public sealed class QuestionTests : IDisposable
{
    private static readonly QueryFields Plain = new() { Outcome = "y" };

    private readonly SmallSite _site = new();
    private readonly Catalog _catalog;

    public QuestionTests()
    {
        Directory.CreateDirectory(_site["parcellations"]);
        _site.Write("site.yaml", "parcellations: [nets]\n");
        _site.Write("parcellations/nets.csv", "index,name\n1,whole\n");
        NiftiWriter.Write(_site["parcellations/nets.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, [.. Enumerable.Repeat(1f, (int)SmallSite.Grid.Voxels)]));
        _catalog = Catalog.Of(_site.Open(), minimumCohort: 0);
    }

    [Fact]
    public void A_cross_validation_takes_its_own_fields_beside_one_of_an_R_map() =>
        Refuses(["parcellation: goes with task=outcome_map_v1; allowed: nets"], Plain with { Asked = Question.CrossValidation, Cv = "loo", Parcellation = "nets", Alternative = "greater", Mask = "M" });

    [Fact]
    public void A_map_takes_its_own_fields_beside_one_of_a_cross_validation()
    {
        Refuses(["cv: goes with task=cross_validate_v1; allowed: loo, kfold, group"], Plain with { Asked = Question.Map, Cv = "loo", Covariates = "dx", Null = "degree", Score = "cosine" });
        Refuses(["cv: goes with task=cross_validate_v1; allowed: loo, kfold, group"], Plain with { Asked = Question.Map, Cv = "group", Within = "dx" });
        Refuses(["parcellation: goes with task=outcome_map_v1; allowed: nets"], Plain with { Asked = Question.Map, Parcellation = "AAL", Stat = "kendall" });
    }

    [Fact]
    public void An_R_map_refuses_every_other_field_once_whatever_it_holds()
    {
        Refuses(
            ["stat: an R-map goes by pearson or spearman", .. ((string[])["score", "alternative", "mask", "covariates", "null"]).Select(field => $"{field}: an R-map takes none"),
                "cv: goes with task=cross_validate_v1; allowed: loo, kfold, group", "within: an R-map takes none"],
            Plain with { Asked = Question.OutcomeMap, Parcellation = "nets", Stat = "kendall", Score = "dot", Alternative = "greater", Mask = "nowhere", Covariates = "height,height,dx", Null = "degree", Cv = "all", Within = "shoe" });
        Refuses(["parcellation: is missing; allowed: nets"], Plain with { Asked = Question.OutcomeMap });
        Assert.Equal("nets", Accepts(Plain with { Asked = Question.OutcomeMap, Parcellation = "nets", Alternative = "two-sided" }).Parcellation);
    }

    [Fact]
    public void A_cross_validation_refuses_each_field_once()
    {
        Refuses(
            ["stat: a cross-validation goes by pearson or spearman", "score: a cross-validation scores by the spatial correlation of its stat; allowed: spatial_pearson",
                "covariates: a cross-validation takes none", "null: a cross-validation has no map to hold against others; allowed: permutation",
                "cv: unknown cv 'all'; allowed: loo, kfold, group", "within: says in which blocks outcomes are permuted, or which groups are left out: it goes with null=permutation or cv=group"],
            Plain with { Asked = Question.CrossValidation, Cv = "all", Stat = "kendall", Score = "cosinus", Covariates = "height", Null = "degree", Within = "shoe" });
        Refuses(["cv: is missing; allowed: loo, kfold, group"], Plain with { Asked = Question.CrossValidation });
    }

    [Fact]
    public void Where_nobody_says_what_is_asked_the_fields_do()
    {
        Assert.NotNull(Accepts(Plain with { Cv = "kfold" }).Folds);
        Assert.Equal("nets", Accepts(Plain with { Parcellation = "nets" }).Parcellation);
        Assert.Equal(Statistic.Kendall, Accepts(Plain with { Stat = "kendall" }).Statistic);
        Refuses(["cv: goes with task=cross_validate_v1; allowed: loo, kfold, group"], Plain with { Cv = "loo", Parcellation = "nets" });
    }

    public void Dispose() => _site.Dispose();

    private void Refuses(string[] expected, QueryFields fields) =>
        Assert.Equal(expected, Assert.IsType<QueryParse.Refused>(CohortQuery.Parse(fields, _catalog, Asker.Requester)).Faults.Select(fault => fault.ToString()));

    private CohortQuery Accepts(QueryFields fields) => Assert.IsType<QueryParse.Accepted>(CohortQuery.Parse(fields, _catalog, Asker.Requester)).Query;
}
