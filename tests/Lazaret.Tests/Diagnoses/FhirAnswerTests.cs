using Lazaret.Fhir;
using Lazaret.Node.Diagnoses;

namespace Lazaret.Tests.Diagnoses;

public sealed class FhirAnswerTests
{
    [Fact]
    public void Of_very_many_issues_twenty_are_told_errors_first()
    {
        var issues = Enumerable.Range(0, 100).Select(i => new FhirIssue(i % 10 == 9 ? IssueSeverity.Error : IssueSeverity.Warning, "value", new string('e', 1000), $"{i}")).ToList();
        var told = FhirAnswer.FirstOf(issues);
        Assert.Equal(21, told.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{(i * 10) + 9}"), told.Take(10).Select(issue => issue.Diagnostics));
        Assert.Equal("and 80 more", told[^1].Diagnostics);
        Assert.All(told, issue => Assert.InRange(issue.Expression.Length, 0, 501));
    }
}
