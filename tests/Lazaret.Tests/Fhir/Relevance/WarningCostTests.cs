using System.Globalization;
using System.Text;
using Lazaret.Fhir;

namespace Lazaret.Tests.Fhir.Relevance;

/// <summary>A hundred errors end a reading; warnings do not, so that however many there are they must stay cheap.</summary>
public sealed class WarningCostTests
{
    private const int Smallest = 1000;

    private static readonly Dictionary<string, Func<int, string>> Shapes = new(StringComparer.Ordinal)
    {
        ["unknown members"] = n => Encounter($"\"zzz\":{{{Many(n, i => $"\"z{i}\":1")}}}, {Many(n, i => $"\"z{i}\":1")}"),
        ["contact points"] = n => Encounter($$"""
            "contained":[{"resourceType":"Organization","id":"o","telecom":[{{Many(n, _ => """{"value":"1"}""")}}]}],"serviceProvider":{"reference":"#o"}
            """),
        ["nulls"] = n => Encounter($$"""
            "contained":[{"resourceType":"Organization","id":"o","alias":[{{Many(n, _ => "null")}}]}],"serviceProvider":{"reference":"#o"}
            """),
        ["deep faults"] = n => Encounter(Deep(n)),
        ["searches"] = n => Encounter($"\"participant\":[{Many(n, _ => """{"individual":{"reference":"Practitioner?identifier=1"}}""")}]"),
        ["responses"] = n => Entries(n, _ => """{"resource":{"resourceType":"Basic","code":{"text":"c"}},"response":{"status":"200"}}"""),
        ["values that nobody asks for"] = n => Entries(n, _ => """
            {"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"s:s","code":"x"}]},"effectiveDateTime":"yesterday"}}
            """),
        ["components that nobody asks for"] = n => Entries(1, _ => $$$"""
            {"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"s:s","code":"x"}]},"effectiveDateTime":"yesterday",
            "component":[{{{Many(n, _ => """{"code":{"coding":[{"system":"s:s","code":"y"}]}}""")}}}] } }
            """),
    };

    public static TheoryData<string> Names() => [.. Shapes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Twice_the_warnings_never_cost_more_than_two_and_a_half_times(string shape)
    {
        var costs = new List<(long Steps, long Bytes)>();
        for (var n = Smallest; n <= Smallest * 4; n *= 2)
            costs.Add(Cost(Encoding.UTF8.GetBytes(Shapes[shape](n))));

        for (var i = 1; i < costs.Count; i++)
        {
            Assert.True(costs[i].Steps <= 2.5 * costs[i - 1].Steps, $"steps: {string.Join(", ", costs)}");
            Assert.True(costs[i].Bytes <= 2.5 * costs[i - 1].Bytes, $"bytes: {string.Join(", ", costs)}");
        }
    }

    private static (long Steps, long Bytes) Cost(byte[] json)
    {
        var (steps, bytes) = (0L, long.MaxValue);
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var budget = FhirBudget.Unlimited(TestContext.Current.CancellationToken);
            var issues = FhirValidator.Validate(json, budget, FhirScope.Relevant(["8310-5"])).Issues;
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
            steps = budget.Steps;
            Assert.NotEmpty(issues);
            Assert.All(issues, issue => Assert.Equal(IssueSeverity.Warning, issue.Severity));
        }

        return (steps, bytes);
    }

    private static string Encounter(string members) =>
        Entries(1, _ => $$$"""{"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},{{{members}}} } }""");

    private static string Entries(int n, Func<int, string> entry) => $$"""{"resourceType":"Bundle","type":"collection","entry":[{{Many(n, entry)}}]}""";

    private static string Deep(int n)
    {
        const int Depth = 20;
        var extensions = string.Concat(Enumerable.Repeat("{\"url\":\"http://x\",\"extension\":[", Depth)) + Many(n, _ => "{\"url\":\"\"}") + string.Concat(Enumerable.Repeat("]}", Depth));
        return $"\"extension\":[{extensions}]";
    }

    private static string Many(int n, Func<int, string> item) => string.Join(',', Enumerable.Range(0, n).Select(i => item(i).ToString(CultureInfo.InvariantCulture)));
}
