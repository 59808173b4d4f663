using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Tests.Cohort;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The area under the ROC curve over HTTP.</summary>
public sealed class AreaJobTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_area_comes_with_ranks_and_an_outcome_of_two_values_and_with_nothing_else()
    {
        using var site = new FieldSite();
        using var folder = new TemporaryFolder();
        site.With("outcomes.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) =>
            $"{line},{(i == 0 ? "responder" : double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture) > 0.2 ? "1" : "0")}\n")));
        var view = site.Open();
        await Tool.RunAsync("chmod", "-R", "o+rX", view.Directory);
        var map = NiftiVolume.Read(site["scores_map.nii.gz"]);
        var scores = new CohortAnalysis(view).Score(new CohortQuery { Outcome = "responder", Statistic = Statistic.Spearman }, map, Stop);
        var expected = MannWhitney.Of(scores.Scores[0], scores.Selection.Outcome, Alternative.Greater)!;

        await using var node = await HostedNode.ServeAsync(folder.MakePrivate("state"), ("DATA_VIEW", view.Directory), ("K_MIN", "10"));
        var job = await AskAsync("responder", "spearman");
        Assert.Equal((expected.Ones, expected.Zeros), ((int)job["n1"]!, (int)job["n0"]!));
        Assert.Equal(expected.Area, (double)job["auc"]!, 0.002);
        Assert.Equal(expected.P, (double)job["auc_p"]!, 0.01);
        Assert.InRange((decimal)job["auc"]!, (decimal)job["auc_ci95"]![0]!, (decimal)job["auc_ci95"]![1]!);
        Assert.Contains($"AUC = {job["auc"]} (n1 = {job["n1"]}, n0 = {job["n0"]}, p {(job["auc_p_below"] is { } below ? $"< {below}" : $"= {job["auc_p"]}")})", (string?)job["citation"], StringComparison.Ordinal);
        foreach (var (outcome, stat) in new[] { ("responder", "pearson"), ("score", "spearman") })
            Assert.Empty((await AskAsync(outcome, stat)).AsObject().Select(member => member.Key).Intersect(["auc", "auc_p", "auc_ci95", "n1", "n0"], StringComparer.Ordinal));

        async Task<JsonNode> AskAsync(string outcome, string stat)
        {
            using var form = TinySite.Form(await File.ReadAllBytesAsync(site["scores_map.nii.gz"], Stop), ("outcome", outcome), ("stat", stat), ("alternative", "greater"));
            using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
            Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Stop));
            return await node.WaitAsync(response.Headers.Location!.ToString(), "queued", "running");
        }
    }
}
