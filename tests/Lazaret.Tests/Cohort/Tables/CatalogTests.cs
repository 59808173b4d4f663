using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

public sealed class CatalogTests
{
    [Fact]
    public void What_fewer_subjects_have_than_the_minimum_is_not_shown()
    {
        var catalog = Catalog.Of(TinySite.Open(), minimumCohort: 9);
        Assert.Equal(["6mo", "12mo"], Levels(catalog, "visit").OrderByDescending(level => level));
        Assert.Equal(["OCD", "PD"], Levels(catalog, "dx"));
        Assert.Equal(["F", "M"], Levels(catalog, "sex"));
        Assert.Equal([("UPDRS_change", 23), ("YBOCS_change", 24)], catalog.Outcomes.Select(outcome => (outcome.Name, outcome.N)));
        Assert.Equal(["pearson", "spearman", "kendall"], catalog.Stats);
        Assert.Equal(8, catalog.ResolutionMm!.Value, 1e-5);

        Assert.Equal(["YBOCS_change"], Catalog.Of(TinySite.Open(), minimumCohort: 24).Outcomes.Select(outcome => outcome.Name));
        Assert.Empty(Catalog.Of(TinySite.Open(), minimumCohort: 25).Variables);
    }

    [Fact]
    public void A_column_of_many_numbers_has_nice_bins_that_each_hold_the_minimum()
    {
        var view = TinySite.Open();
        var ages = view.Attributes["age"].Select(age => double.Parse(age, null)).ToArray();
        foreach (var minimum in new[] { 0, 1, 3, 5, 9, 24 })
        {
            var edges = Assert.IsType<Variable.Number>(Catalog.Of(view, minimum).Variables.Single(variable => variable.Name == "age")).Bins;
            Assert.All(edges, edge => Assert.Equal(0, edge % 5));
            Assert.All(edges.Zip(edges.Skip(1)), bin => Assert.True(ages.Zip(view.Rows, (age, row) => (age, row.SubjectId)).Distinct().Count(one => one.age >= bin.First && (one.age < bin.Second || (bin.Second == edges[^1] && one.age == bin.Second))) >= minimum));
            Assert.Equal((35, 75), (edges[0], edges[^1]));
            // What a requester is shown must be an edge wherever the query is checked again.
            Assert.Subset(Assert.IsType<Variable.Number>(Catalog.Of(view, 0).Variables.Single(variable => variable.Name == "age")).Bins.ToHashSet(), edges.ToHashSet());
        }
    }

    [Theory]
    [InlineData(0.1, 0.95, new[] { 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0 })]
    [InlineData(-7, 92, new double[] { -20, 0, 20, 40, 60, 80, 100 })]
    [InlineData(0, 1000, new double[] { 0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000 })]
    public void Derived_edges_are_round_and_hold_every_value(double min, double max, double[] edges)
    {
        using var site = new TemporaryFolder();
        var values = Enumerable.Range(0, 12).Select(i => min + (max - min) * i / 11).ToArray();
        values[11] = max;
        site.Write("subjects.csv", "subject_id,visit,v\n" + string.Concat(values.Select((value, i) => FormattableString.Invariant($"s{i},1,{value:R}\n"))));
        site.Write("outcomes.csv", "subject_id,visit,y\n" + string.Concat(values.Select((_, i) => $"s{i},1,{i}\n")));
        site.Write("paths.csv", "subject_id,visit,conn_path\n" + string.Concat(values.Select((_, i) => $"s{i},1,x.nii\n")));
        site.Write("x.nii", "");
        var number = Assert.IsType<Variable.Number>(Catalog.Of(DataView.Open(site.Path), 0).Variables.Single(variable => variable.Name == "v"));
        Assert.Equal(edges, number.Bins);
    }

    private static IReadOnlyList<string> Levels(Catalog catalog, string name) =>
        Assert.IsType<Variable.Category>(catalog.Variables.Single(variable => variable.Name == name)).Levels;
}
