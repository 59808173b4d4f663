using Lazaret.Fhir;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>Cases that validators judge differently, each with what the specification says of it.</summary>
public sealed class DisputedCasesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", "cases");

    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(Folder, "labels.tsv")).Skip(1))
        {
            if (line.Split('\t', 3) is [var file, var expected, var reason])
                data.Add(file, expected, reason);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_disputed_case_is_judged_as_the_specification_says(string file, string expected, string reason)
    {
        var errors = FhirValidator.Validate(File.ReadAllBytes(Path.Combine(Folder, file))).Issues
            .Where(issue => issue.Severity != IssueSeverity.Warning).ToList();

        Assert.True(errors.Count == 0 == (expected == "valid"), $"{expected}: {reason}; found {string.Join("; ", errors)}");
        Assert.InRange(errors.Count, 0, 1);
    }
}
