using System.Text.Json;
using Lazaret.Node.Cohorts.Answers;

namespace Lazaret.Tests.Cohorts;

public sealed class CanonicalQueryTests
{
    [Fact]
    public void The_form_of_a_question_stays_as_it_was_since_answers_are_stored_by_its_name()
    {
        var request = new CohortRequest("map_to_outcome_v1", "UPDRS", "pearson", null, """{"dx":"PD"}""", ["age"], 1) { CanonicalMaps = ["ab"], Null = "permutation", Within = "centre" };
        Assert.Equal(
            """{"task":"map_to_outcome_v1","score":"dot","outcome":"UPDRS","stat":"pearson","mask":null,"filters":{"dx":"PD"},"covariates":["age"],"map":"ab","null":"permutation","within":"centre","alternative":"two-sided"}""",
            JsonSerializer.Serialize(request.Canonical(0)));
        Assert.Equal(
            """{"task":"cross_validate_v1","score":"spatial_pearson","outcome":"UPDRS","stat":"pearson","mask":"GPi","filters":{},"covariates":[],"cv":"loo"}""",
            JsonSerializer.Serialize((new CohortRequest("cross_validate_v1", "UPDRS", "pearson", "GPi", "{}", [], 1) { Score = "spatial_pearson", Cv = "loo", CanonicalMaps = [""] }).Canonical(0)));
    }

    [Fact]
    public void An_R_map_is_asked_by_its_parcellation_and_has_neither_map_nor_score() =>
        Assert.Equal(
            """{"task":"outcome_map_v1","outcome":"UPDRS","stat":"spearman","mask":null,"filters":{},"covariates":[],"parcellation":"networks"}""",
            JsonSerializer.Serialize((new CohortRequest("outcome_map_v1", "UPDRS", "spearman", null, "{}", [], 1) { Score = null, Parcellation = "networks", CanonicalMaps = [""] }).Canonical(0)));
}
