using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Models;
using static Lazaret.Tests.EndToEnd.ConversationChart;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// A bot that knows nothing but the 409's own members, and a patient who answers what is asked. However the chart begins, it ends in a
/// result, or honestly without one.
/// </summary>
public sealed class ConversationTests(ConversationTests.Bedside bedside) : IClassFixture<ConversationTests.Bedside>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What the chart holds instead of the good datum of a code, what the patient answers in turn, how it ends, and after how many questions.</summary>
    public static TheoryData<string, string, string, int> Conversations() => new()
    {
        { "", "", "result", 0 },
        { "none 8310-5", "8310-5 38.6", "result", 1 },
        { "none 8310-5", "8310-5 101.5 [degF]", "result", 1 },
        { "none 8310-5", "8310-5 386, 8310-5 38.6", "result", 2 },
        { "none 8310-5", "8310-5 386, 8310-5 387, 8310-5 388", "unusable", 2 },
        { "none 8310-5", "8310-5 ?", "unanswered", 1 },
        { "none 8310-5, none 8480-6, none 67775-7, none 9269-2, none 44054006", "8310-5 38.6, 8480-6 98, 67775-7 alert, 9269-2 15, 44054006 yes", "result", 5 },
        { "none 67775-7", "67775-7 responds to voice", "result", 1 },
        { "none 67775-7", "67775-7 ?", "result", 1 },
        { "none 44054006", "44054006 no", "result", 1 },
        { "resolved 44054006", "44054006 yes", "result", 1 },
        { "preliminary 8310-5", "8310-5 38.6", "result", 1 },
        { "words 8310-5", "8310-5 38.6", "result", 1 },
        { "stale 8310-5", "8310-5 38.6", "result", 1 },
        { "contradicted 8310-5", "8310-5 38.6", "result", 1 },
        { "bound 8480-6", "8480-6 98", "result", 1 },
        { "text 9269-2", "9269-2 15", "result", 1 },
        { "integer 9269-2", "", "result", 0 },
        { "oral 8310-5", "8310-5 38.6", "result", 1 },
        { "panel 8480-6", "8480-6 98", "result", 1 },
        { "ahead 8310-5", "", "result", 0 },
        { "future 8310-5", "", "correction", 0 },
        { "nosubject 8310-5", "", "correction", 0 },
        { "identifier 8310-5", "", "correction", 0 },
        { "display 8310-5", "", "correction", 0 },
        { "group 8310-5", "", "correction", 0 },
        { "modifier 8310-5", "", "correction", 0 },
        { "day 8310-5", "", "correction", 0 },
        { "declined 8310-5", "", "impossible", 0 },
        { "declined 67775-7", "", "result", 0 },
        { "masked 67775-7", "67775-7 alert", "result", 1 },
        { "none 73211009", "73211009 no", "impossible", 1 },
        { "refuted 73211009", "", "impossible", 0 },
        { "nowhere", "", "refused", 0 },
        { "transaction", "", "refused", 0 },
        { "another", "", "refused", 0 },
        { "unresolvable 8310-5", "", "refused", 0 },
    };

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Every_conversation_ends(string chart, string answers, string end, int questions)
    {
        var bundle = Chart(chart);
        var patient = answers.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(answer => answer.Split(' ', 2)).ToLookup(answer => answer[0], answer => answer[1]);

        Assert.Equal((end, questions), await TalkAsync(bundle, (code, turn) => patient[code].ElementAt(turn)));
    }

    private async Task<(string End, int Questions)> TalkAsync(JsonObject bundle, Func<string, int, string> patient)
    {
        var asked = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < 10; round++)
        {
            using var response = await bedside.Node.Client.PostAsJsonAsync(
                "/v1/diagnose?dry_run=true", new JsonObject { ["client_id"] = "bot", ["target_diagnosis"] = "sepsis", ["fhir_bundle"] = bundle.DeepClone() }, Stop);
            var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            if (response.StatusCode == HttpStatusCode.OK)
                return ("result", asked.Values.Sum());
            if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
            {
                Assert.Equal("refused", (string?)answer["verdict"]);
                Assert.NotEqual("", (string?)answer["cause"]);
                Assert.StartsWith("Bundle", (string?)answer["place"], StringComparison.Ordinal);
                return ("refused", asked.Values.Sum());
            }

            Assert.Equal((HttpStatusCode.Conflict, "data-required"), (response.StatusCode, (string?)answer["verdict"]));
            foreach (var datum in answer["missing_data"]!.AsArray().Where(datum => (bool)datum!["mandatory"]!).Select(datum => datum!))
            {
                var code = (string)datum["code"]!;
                Assert.EndsWith("?", (string?)datum["ask"], StringComparison.Ordinal);
                Assert.NotNull((string?)datum["display"]);
                if ((string?)datum["remedy"] == "correct")
                    return ("correction", asked.Values.Sum());
                if ((string?)datum["remedy"] == "none")
                    return ("impossible", asked.Values.Sum());
                // The answer that was given before is what is refused now: a bot tries once more, and then says so.
                if (asked.GetValueOrDefault(code) == 2)
                    return ("unusable", asked.Values.Sum());
                var turn = asked[code] = asked.GetValueOrDefault(code) + 1;
                var said = patient(code, turn - 1);
                if (said == "?" && datum["accept_absent"] is null)
                    return ("unanswered", asked.Values.Sum());
                bundle["entry"]!.AsArray().Add(Entry($"said-{code}-{turn}", Record(datum, said)));
            }
        }

        return ("no end", asked.Values.Sum());
    }

    // Nothing but the datum's own members, and what the patient said.
    private static JsonObject Record(JsonNode datum, string said)
    {
        var code = new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = (string)datum["system"]!, ["code"] = (string)datum["code"]! }) };
        if ((string?)datum["type"] == "Condition")
            return Condition(code, "active", said == "yes" ? "confirmed" : "refuted", TimeSpan.Zero);
        var observation = Observation(code, TimeSpan.Zero);
        if (said == "?")
            observation["dataAbsentReason"] = JsonNode.Parse("""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"asked-unknown"}]}""");
        else if (datum["answers"]?.AsArray().Single(answer => (string?)answer!["words"] == said) is { } coded)
            observation["valueCodeableConcept"] = new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = (string)coded["system"]!, ["code"] = (string)coded["code"]! }) };
        else
            observation["valueQuantity"] = Quantity(said.Split(' ')[0], said.Split(' ') is [_, var unit] ? unit : (string)datum["accepted_units"]![0]!);
        return observation;
    }


    public sealed class Bedside : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly TemporaryFolder _state = new();

        internal HostedNode Node { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var manifest = TinyModel.Write(_folder, "1.0.0", requires: """
                {observations: [
                {code: 8310-5, unit: Cel, max_age: PT12H, range: [25, 45]},
                {code: 8480-6, unit: "mm[Hg]", component_of: [85354-9, 55284-4], max_age: PT12H},
                {code: 67775-7, accepted_codes: {"http://loinc.org|LA9340-6": A, "http://loinc.org|LA17108-4": V},
                answers: {A: alert, V: responds to voice}, accept_absent: true, max_age: PT12H},
                {code: 9269-2, unit: "{score}", max_age: PT12H}],
                conditions: [{code: "44054006", display: type 2 diabetes, accept_absent: true}, {code: "73211009", display: diabetes}]}
                """.ReplaceLineEndings(" "));
            var added = await HostedNode.RunAsync(_state.Path, ["models", "add", manifest]);
            Assert.True(added.ExitCode == 0, added.Error);
            Node = await HostedNode.ServeAsync(_state.Path);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
            _state.Dispose();
        }
    }
}
