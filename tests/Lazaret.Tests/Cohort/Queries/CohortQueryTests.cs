using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Queries;

public sealed class CohortQueryTests
{
    private static readonly Catalog Catalog = Catalog.Of(TinySite.Open(), minimumCohort: 9);

    [Fact]
    public void Everything_that_is_wrong_is_listed_at_once_with_what_is_allowed()
    {
        var faults = Refused(new QueryFields
        {
            Outcome = "UPDRS",
            Stat = "cosine",
            Mask = "../../etc/passwd",
            Filters = """{"dx":["PD","XX"],"no_such_column":"x","age":"60"}""",
            Covariates = "age,height,age",
        });
        Assert.Equal(
            ["outcome: unknown outcome 'UPDRS'; allowed: UPDRS_change, YBOCS_change",
                "stat: unknown stat 'cosine'; allowed: pearson, spearman, kendall",
                "mask: unknown mask '../../etc/passwd'; allowed: GPi, M1, STN, brain, empty",
                "filters: unknown value 'XX' of dx; allowed: OCD, PD",
                "filters: unknown variable 'no_such_column'; allowed: visit, dx, age, sex",
                "filters: age takes {\"min\":…,\"max\":…} on its edges; allowed: 35, 55, 75",
                "covariates: unknown covariate 'height'; allowed: visit, dx, age, sex, UPDRS_change, YBOCS_change",
                "covariates: 'age' is there more than once"],
            faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("dx", 1)]
    [InlineData("age,dx,sex", 3)]
    [InlineData("UPDRS_change,age", 2)]
    [InlineData("dx", 0, """{"dx":"PD"}""")]
    [InlineData("dx,sex", 2, """{"dx":["OCD","PD"],"age":{"min":35,"max":55}}""")]
    public void As_many_columns_are_covariates_as_the_catalog_and_the_filters_say_whoever_has_a_rare_level(string covariates, int columns, string filters = "{}")
    {
        var view = TinySite.Open();
        // One of them has a level that too few have.
        view.Attributes["dx"][0] = "HIV";
        var query = ((QueryParse.Accepted)CohortQuery.Parse(new QueryFields { Outcome = "YBOCS_change", Filters = filters, Covariates = covariates }, Catalog, Asker.Requester)).Query;
        Assert.Equal(columns, CohortSelection.ColumnsShown(view, query, Catalog));
    }

    [Theory]
    [InlineData("""{"dx":"ET"}""", "filters: unknown value 'ET' of dx; allowed: OCD, PD")]
    [InlineData("""{"dx":"nobody"}""", "filters: unknown value 'nobody' of dx; allowed: OCD, PD")]
    [InlineData("""{"dx":"PD","dx":"OCD"}""", "filters: dx is there more than once")]
    [InlineData("""{"dx":[]}""", "filters: the list of dx is empty; allowed: OCD, PD")]
    [InlineData("""{"dx":null}""", "filters: dx takes a value or a list of values; allowed: OCD, PD")]
    [InlineData("""{"dx":{"min":1}}""", "filters: dx takes a value or a list of values; allowed: OCD, PD")]
    [InlineData("""{"age":60}""", "filters: age takes {\"min\":…,\"max\":…} on its edges; allowed: 35, 55, 75")]
    [InlineData("""{"age":{"min":40}}""", "filters: min of age is none of its edges; allowed: 35, 55, 75")]
    [InlineData("""{"age":{"min":"55"}}""", "filters: min of age is none of its edges; allowed: 35, 55, 75")]
    [InlineData("""{"age":{"min":55,"min":35}}""", "filters: min of age is there more than once; allowed: 35, 55, 75")]
    [InlineData("""{"age":{"min":55,"max":55}}""", "filters: age needs a min below its max; allowed: 35, 55, 75")]
    [InlineData("""{"age":{}}""", "filters: age needs a min below its max; allowed: 35, 55, 75")]
    [InlineData("""{"age":{"low":35}}""", "filters: 'low' of age is unknown: it takes min and max; allowed: 35, 55, 75")]
    [InlineData("[]", "filters: expected a JSON object")]
    [InlineData("{\"dx\":", "filters: no JSON object, or nested too deeply (line 1, byte 7)")]
    [InlineData("{\"dx\":[[[[\"PD\"]]]]}", "filters: no JSON object, or nested too deeply (line 1, byte 10)")]
    public void A_wrong_filter_is_refused(string filters, string expected) =>
        Assert.Equal(expected, Assert.Single(Refused(new QueryFields { Outcome = "UPDRS_change", Filters = filters })).ToString());

    [Theory]
    [InlineData(9, "filters: subjects are here at several visits: name the one that is meant, as {\"visit\":\"…\"}; allowed: 12mo, 6mo")]
    [InlineData(24, "filters: subjects are here at several visits, and none of them has the 24 subjects that a question needs")]
    public void Where_no_visit_may_be_asked_about_none_is_asked_for(int minimum, string expected) =>
        Assert.Equal(expected, Assert.Single(Refused(new QueryFields { Outcome = "YBOCS_change" }, Catalog.Of(TinySite.Open(), minimum, pinVisit: true))).ToString());

    [Fact]
    public void Two_queries_that_mean_the_same_are_the_same()
    {
        var one = Accepted(new QueryFields { Outcome = "UPDRS_change", Filters = """{"dx":["PD","OCD","PD"],"age":{"min":55,"max":75}}""", Covariates = "sex, age" });
        var two = Accepted(new QueryFields { Outcome = "UPDRS_change", Stat = "pearson", Mask = "", Filters = """{"age":{"min":5.5e1},"dx":["OCD","PD"]}""", Covariates = "age,sex" });
        Assert.Equal(one.Filters, two.Filters);
        Assert.Equal(one.Covariates, two.Covariates);
        Assert.Equal((one.Outcome, one.Statistic, one.Mask), (two.Outcome, two.Statistic, two.Mask));
        Assert.Equal([new Filter.Within("age", 55, 75, MaxIncluded: true), new Filter.OneOf("dx", ["OCD", "PD"])], one.Filters);
    }

    [Fact]
    public void Only_the_steward_may_ask_for_any_number()
    {
        var fields = new QueryFields { Outcome = "UPDRS_change", Filters = """{"age":{"min":41,"max":42.5}}""" };
        Refused(fields);
        Assert.Equal(new Filter.Within("age", 41, 42.5, MaxIncluded: false), Assert.Single(Accepted(fields, Asker.Steward).Filters));
        Assert.Equal(new Filter.EqualTo("age", 60), Assert.Single(Accepted(fields with { Filters = """{"age":60}""" }, Asker.Steward).Filters));
    }

    [Fact]
    public void Kendall_takes_no_covariates_and_no_outcome_is_missing_silently()
    {
        Assert.Equal("covariates: kendall takes no covariates", Assert.Single(Refused(new QueryFields { Outcome = "UPDRS_change", Stat = "kendall", Covariates = "age" })).ToString());
        Assert.Equal("outcome: missing; allowed: UPDRS_change, YBOCS_change", Assert.Single(Refused(new QueryFields())).ToString());
        Assert.Equal(Statistic.Kendall, Accepted(new QueryFields { Outcome = "UPDRS_change", Stat = "kendall" }).Statistic);
    }

    private static CohortQuery Accepted(QueryFields fields, Asker asker = Asker.Requester) =>
        Assert.IsType<QueryParse.Accepted>(CohortQuery.Parse(fields, Catalog, asker)).Query;

    private static FaultList<FieldFault> Refused(QueryFields fields, Catalog? catalog = null) =>
        Assert.IsType<QueryParse.Refused>(CohortQuery.Parse(fields, catalog ?? Catalog, Asker.Requester)).Faults;
}
