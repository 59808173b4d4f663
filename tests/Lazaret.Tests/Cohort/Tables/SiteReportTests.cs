namespace Lazaret.Tests.Cohort.Tables;

/// <summary>What a check gathers, and whom it counts.</summary>
public sealed class SiteReportTests : IDisposable
{
    private readonly FieldSite _site = new();

    [Fact]
    public void Many_lines_with_one_volume_are_one_finding()
    {
        for (var subject = 2; subject <= 9; subject++)
            File.Copy(_site["conn/sub-01.nii.gz"], _site[$"conn/sub-{subject:00}.nii.gz"], overwrite: true);
        Assert.Equal(
            "paths.csv:3: 8 lines have the same volume as an earlier one, of another subject: lines 3 (as 2), 4 (as 2), 5 (as 2), 6 (as 2), 7 (as 2) and 3 more",
            Assert.Single(_site.Check().Findings, finding => finding.Message.Contains("same volume", StringComparison.Ordinal)).ToString());
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 1, "outcomes.csv: score (60 people) and y2 (59) differ by 1 person: whoever is answered about one is refused about the other while the minimum cohort is 20")]
    [InlineData(0, 19, "outcomes.csv: score (60 people) and y2 (41) differ by 19 people")]
    [InlineData(0, 20, null)]
    [InlineData(25, 1, "outcomes.csv: score (35 people) and y2 (59) differ by 26 people")]
    [InlineData(0, 45, null)]
    public void Outcomes_whose_people_differ_by_a_few_are_a_finding(int without, int beyond, string? said)
    {
        _site.Set("outcomes.csv", 2, row => row >= 60 - without ? "" : null);
        _site.With("outcomes.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, at) => $"{line},{(at == 0 ? "y2" : at <= beyond ? "" : $"{at}.5")}\n")));
        var findings = _site.Check().Findings.Where(finding => finding.Message.Contains("differ by", StringComparison.Ordinal)).ToList();
        if (said is null)
            Assert.Empty(findings);
        else
            Assert.StartsWith(said, Assert.Single(findings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_such_pairs_a_few_are_told_and_the_others_counted()
    {
        _site.With("outcomes.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, at) => $"{line},{string.Join(',', Enumerable.Range(0, 4).Select(column => at == 0 ? $"y{column}" : at == 1 + column ? "" : $"{at}.5"))}\n")));
        var findings = _site.Check().Findings.Where(finding => finding.File == "outcomes.csv").ToList();
        Assert.Equal(6, findings.Count);
        Assert.Equal("outcomes.csv: 5 more pairs of outcomes differ by so few people", findings[^1].ToString());
    }

    [Fact]
    public void Who_has_no_usable_volume_is_not_counted_for_an_outcome()
    {
        File.WriteAllBytes(_site["conn/sub-05.nii.gz"], File.ReadAllBytes(_site["conn/sub-05.nii.gz"])[..^30]);
        var report = _site.Check();
        Assert.Single(report.Faults);
        Assert.Equal((60, 59, 59), (report.Joined, report.Volumes, report.Outcomes["score"]));
    }

    public void Dispose() => _site.Dispose();
}
