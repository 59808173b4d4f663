using System.Text;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Tests.Fhir.Bundles;

/// <summary>A searchset that is not all that its search found, or in which the server speaks, says so in the answer.</summary>
public sealed class PartialSearchTests
{
    private const string Patient = """{"fullUrl":"http://ehr.example/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}""";
    private const string Outcome = """{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","diagnostics":"half of it\u202e\u2028"}]},"search":{"mode":"outcome"}}""";

    /// <summary>What stands beside the patient in the searchset, with the place and a word of what is told of it.</summary>
    public static TheoryData<string, string, string> Searchsets() => new()
    {
        { Patient + """}],"link":[{"relation":"self","url":"http://ehr.example/fhir/Patient"}],"total":1""", "", "" },
        { Patient + """}],"link":[{"relation":"self","url":"a"},{"relation":"next","url":"b"}]""", ".link[1]", "more pages" },
        { Patient + """}],"link":[{"relation":"previous","url":"b"}]""", ".link[0]", "more pages" },
        { Patient + """}],"total":7""", ".total", "found 7, and 1 were sent" },
        { Patient + ""","search":{"mode":"include"}}],"total":1""", ".total", "found 1, and 0 were sent" },
        { Patient + "}," + Outcome + """],"total":1""", ".entry[1]", "the server says warning, incomplete: half of it  " },
    };

    [Theory]
    [MemberData(nameof(Searchsets))]
    public void A_searchset_says_what_it_lacks(string content, string place, string word)
    {
        var searchset = $$"""{"resourceType":"Bundle","type":"searchset","entry":[{{content}}}""";

        Check(Read(searchset).Unread, $"Bundle{place}");
        Check(Read($$"""{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"200"},"resource":{{searchset}}}]}""").Unread, $"Bundle.entry[0].resource{place}");
        var call = $$$"""{"hook":"patient-view","hookInstance":"1","context":{"userId":"u","patientId":"p1"},"prefetch":{"8310-5":{{{searchset}}}}}""";
        Check(CdsRequest.Read(Encoding.UTF8.GetBytes(call), out _)!.Prefetch.ToBundle().Unread, $"prefetch.8310-5{place}");

        void Check(IReadOnlyList<UnreadPart> unread, string at)
        {
            if (place.Length == 0)
            {
                Assert.Empty(unread);
                return;
            }

            var part = Assert.Single(unread);
            Assert.Equal(at, part.Place);
            Assert.Contains(word, part.Why, StringComparison.Ordinal);
            Assert.DoesNotContain(part.Why, char.IsControl);
        }
    }

    [Fact]
    public void What_the_server_says_beside_an_answer_of_a_batch_is_repeated()
    {
        const string said = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","diagnostics":"not you"}]}""";
        foreach (var (status, why) in ((string, string)[])[("200", "the server says error, forbidden: not you"), ("403", "the server answered 403: what it was asked for is not known; it says error, forbidden: not you")])
        {
            var unread = Read($$$"""{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"{{{status}}}","outcome":{{{said}}}}}]}""").Unread;
            Assert.Equal(new UnreadPart("Bundle.entry[0]", why), Assert.Single(unread));
        }
    }

    [Fact]
    public void A_server_that_says_very_much_is_repeated_in_part()
    {
        var searchset = $$"""{"resourceType":"Bundle","type":"searchset","entry":[{{string.Join(',', Enumerable.Repeat(Outcome, 150))}}]}""";
        var unread = Read(searchset).Unread;

        Assert.Equal(101, unread.Count);
        Assert.Equal(new UnreadPart("Bundle", "and 50 more parts"), unread[^1]);

        var call = $$"""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"p"},"prefetch":{"8310-5":{{searchset}} } }""";
        var prefetched = CdsRequest.Read(Encoding.UTF8.GetBytes(call), out _)!.Prefetch.ToBundle().Unread;
        Assert.Equal(unread.Count, prefetched.Count);
        Assert.Equal(new UnreadPart("prefetch", "and 50 more parts"), prefetched[^1]);
    }

    private static FhirBundle Read(string json) => Assert.IsType<BundleReading.Readable>(BundleReader.Read(Encoding.UTF8.GetBytes(json))).Bundle;
}
