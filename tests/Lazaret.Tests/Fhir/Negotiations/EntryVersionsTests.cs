using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>Of one resource only the newest version counts.</summary>
public sealed class EntryVersionsTests
{
    private const string FullUrl = "\"fullUrl\":\"http://ehr.example.org/fhir/Observation/o1\",";

    /// <summary>The members of both versions' meta, an edit of the second, and what is used or the cause.</summary>
    public static TheoryData<string, string, string, string, string> Versions() => new()
    {
        { Number(1), Number(2), "\"final\"", "\"entered-in-error\"", "status" },
        { Number(1), Number(2), "\"final\"", "\"cancelled\"", "status" },
        { Number(1), Number(2), "\"value\":1.1", "\"value\":1.4", "1.4" },
        { Number(9), Number(10), "2024-05-20T", "2024-05-10T", "2024-05-10" },
        { Number(10), Number(9), "\"final\"", "\"entered-in-error\"", "1.1" },
        { Updated("2024-05-21T08:00:00Z"), Updated("2024-05-21T10:00:00+01:00"), "\"final\"", "\"entered-in-error\"", "status" },
        { Updated("2024-05-21T08:00:00Z"), Updated("2024-05-21T08:30:00+01:00"), "\"final\"", "\"entered-in-error\"", "1.1" },
        { Updated("2024-05-21T08:00:00Z"), Updated("2024-05-22T08:00:00Z"), "1.1", "1.4", "1.4" },

        // Nobody can tell which one is the newest.
        { "\"versionId\":\"a\"", "\"versionId\":\"b\"", "\"final\"", "\"entered-in-error\"", "conflict" },
        { "\"versionId\":\"a\"", "\"versionId\":\"b\"", "\"final\"", "\"cancelled\"", "conflict" },
        { "\"versionId\":\"a\"", "\"versionId\":\"b\"", "2024-05-20T", "2024-05-19T", "conflict" },
        { Number(1) + ",\"lastUpdated\":\"2024-05-22T08:00:00Z\"", Number(2) + ",\"lastUpdated\":\"2024-05-21T08:00:00Z\"", "1.1", "1.4", "conflict" },
        { Number(1), Updated("2024-05-21T08:00:00Z"), "1.1", "1.4", "conflict" },

        // They say the same.
        { "\"versionId\":\"a\"", "\"versionId\":\"b\"", "1.1", "1.1", "1.1" },
    };

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_newest_version_counts_and_where_nobody_can_tell_which_it_is_none_does(string meta, string otherMeta, string text, string replacement, string expected)
    {
        Assert.Contains(text, Creatinine, StringComparison.Ordinal);
        var (one, other) = (With(meta, Creatinine), With(otherMeta, Creatinine.Replace(text, replacement, StringComparison.Ordinal)));

        // By fullUrl, by Type/id alone, and by one of each.
        foreach (var (first, second) in new[] { (one, other), (Bare(one), Bare(other)), (one, Bare(other)) })
        {
            foreach (var entries in (string[][])[[Patient, first, second], [Patient, second, first]])
                Assert.Equal(expected, Answer(Negotiate([NeedsCreatinine], entries), expected));
        }
    }

    [Fact]
    public void A_disputed_resource_that_is_older_forbids_nothing()
    {
        var disputed = Creatinine.Replace("05-20T", "05-10T", StringComparison.Ordinal);
        var newer = Creatinine.Replace("o1", "o2", StringComparison.Ordinal);

        Assert.Equal("Observation/o2", Negotiate([NeedsCreatinine], Patient, newer, With("\"versionId\":\"a\"", disputed), With("\"versionId\":\"b\"", disputed.Replace("1.1", "4", StringComparison.Ordinal))).Used["2160-0"]);
    }

    [Fact]
    public void The_same_id_on_two_servers_is_two_resources()
    {
        var elsewhere = Creatinine.Replace("ehr.example.org/fhir/Observation", "lab.example.org/fhir/Observation", StringComparison.Ordinal)
            .Replace("\"Patient/p1\"", "\"http://ehr.example.org/fhir/Patient/p1\"", StringComparison.Ordinal).Replace("05-20T", "05-21T", StringComparison.Ordinal).Replace("1.1", "1.4", StringComparison.Ordinal);

        Assert.Equal("1.4", Answer(Negotiate([NeedsCreatinine], Patient, With(Number(7), Creatinine), With(Number(2), elsewhere)), "1.4"));
    }

    private static string Answer(Negotiation negotiation, string expected) => negotiation switch
    {
        { Missing: [var missing] } => missing.Reason.Name,
        { Chosen: [{ Earliest: { } time }] } when expected.StartsWith("2024", StringComparison.Ordinal) => $"{time:yyyy-MM-dd}",
        { Chosen: [{ Value: ChosenValue.Measured measured }] } => $"{measured.Number}",
        _ => "",
    };

    private static string Number(int version) => $"\"versionId\":\"{version}\"";

    // The validator wants versions of one fullUrl to differ in their versionId, which need not be a number.
    private static string Updated(string time) => $"\"versionId\":\"v-{time.Replace(':', '.').Replace('+', '.')}\",\"lastUpdated\":\"{time}\"";

    private static string With(string meta, string observation) => observation.Replace("\"status\":", $"\"meta\":{{{meta}}},\"status\":", StringComparison.Ordinal);

    private static string Bare(string observation) => observation.Replace(FullUrl, "", StringComparison.Ordinal);
}
