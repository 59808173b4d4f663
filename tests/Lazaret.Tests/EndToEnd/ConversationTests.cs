using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Models;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// A bot that knows nothing but the 409's own members, and a patient who answers what is asked. However the chart begins, it ends in a
/// result, or honestly without one.
/// </summary>
public sealed class ConversationTests(ConversationTests.Bedside bedside) : IClassFixture<ConversationTests.Bedside>
{
    private const string Temperature = "8310-5";
    private const string Systolic = "8480-6";
    private const string Awake = "67775-7";
    private const string Coma = "9269-2";
    private const string Diabetes = "44054006";
    private const string Mellitus = "73211009";

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

    private static JsonObject Chart(string edits)
    {
        var data = new Dictionary<string, JsonObject>(StringComparer.Ordinal)
        {
            [Temperature] = Measured(Temperature, "38.6", "Cel"),
            [Systolic] = Measured(Systolic, "98", "mm[Hg]"),
            [Coma] = Measured(Coma, "15", "{score}"),
            [Awake] = Observation(Loinc(Awake), TimeSpan.FromMinutes(30)),
            [Diabetes] = Condition(Snomed(Diabetes), "active", "confirmed", TimeSpan.FromMinutes(30)),
            [Mellitus] = Condition(Snomed(Mellitus), "active", "confirmed", TimeSpan.FromMinutes(30)),
        };
        data[Awake]["valueCodeableConcept"] = JsonNode.Parse("""{"coding":[{"system":"http://loinc.org","code":"LA9340-6"}]}""");
        var bundle = new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "collection",
            ["entry"] = new JsonArray(Entry("p1", new JsonObject { ["resourceType"] = "Patient" })),
        };
        foreach (var edit in edits.Split(", ", StringSplitOptions.RemoveEmptyEntries))
            Edit(bundle, data, edit.Split(' ')[0], edit.Split(' ')[^1]);
        foreach (var (code, resource) in data)
            bundle["entry"]!.AsArray().Add(Entry($"d{code}", resource));
        if (edits == "transaction")
        {
            foreach (var entry in bundle["entry"]!.AsArray())
                entry!["request"] = JsonNode.Parse("""{"method":"PUT","url":"x"}""");
        }

        return bundle;
    }

    private static void Edit(JsonObject bundle, Dictionary<string, JsonObject> data, string edit, string code)
    {
        var entries = bundle["entry"]!.AsArray();
        switch (edit)
        {
            case "none":
                data.Remove(code);
                break;
            case "resolved":
                data[code] = Condition(Snomed(code), "resolved", "confirmed", TimeSpan.FromMinutes(30));
                break;
            case "refuted":
                data[code] = Condition(Snomed(code), "active", "refuted", TimeSpan.FromMinutes(30));
                break;
            case "nosubject":
                data[code].Remove("subject");
                break;
            case "identifier" or "display":
                data[code]["subject"] = edit == "display" ? new JsonObject { ["display"] = "somebody" } : new JsonObject { ["identifier"] = new JsonObject { ["value"] = "p1" } };
                break;
            case "group":
                data[code]["subject"] = new JsonObject { ["reference"] = "Group/g" };
                break;
            case "modifier":
                data[code]["modifierExtension"] = JsonNode.Parse("""[{"url":"http://x.example","valueBoolean":true}]""");
                break;
            case "day":
                data[code]["effectiveDateTime"] = Time(TimeSpan.Zero)[..10];
                break;
            case "declined" or "masked":
                data[code] = Observation(Loinc(code), TimeSpan.FromMinutes(30));
                data[code]["dataAbsentReason"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"{{(edit == "masked" ? edit : "asked-declined")}}"}]}""");
                break;
            case "nowhere":
                entries.Clear();
                foreach (var resource in data.Values)
                    resource["subject"] = new JsonObject { ["reference"] = "urn:uuid:33333333-3333-4333-8333-333333333333" };
                break;
            case "preliminary":
                entries.Add(Entry("newer", Newer(new() { ["status"] = "preliminary" })));
                break;
            case "words":
                entries.Add(Entry("newer", Newer(new() { ["valueQuantity"] = new JsonObject { ["value"] = 104, ["unit"] = "F" } })));
                break;
            case "stale":
                data[code]["effectiveDateTime"] = Time(TimeSpan.FromDays(2));
                break;
            case "contradicted":
                var other = data[code].DeepClone().AsObject();
                other["valueQuantity"] = Quantity("36.6", "Cel");
                entries.Add(Entry("other", other));
                break;
            case "bound":
                data[code]["valueQuantity"]!["comparator"] = "<";
                break;
            case "text" or "integer":
                data[code].Remove("valueQuantity");
                data[code][edit == "text" ? "valueString" : "valueInteger"] = edit == "text" ? JsonValue.Create("15") : JsonValue.Create(15);
                break;
            case "oral":
                data[code]["code"] = Loinc("8331-1");
                break;
            case "panel":
                var panel = Observation(Loinc("35094-2"), TimeSpan.FromMinutes(30));
                panel["component"] = new JsonArray(new JsonObject { ["code"] = Loinc(Systolic), ["valueQuantity"] = Quantity("98", "mm[Hg]") });
                data[code] = panel;
                break;
            case "ahead" or "future":
                data[code]["effectiveDateTime"] = Time(edit == "ahead" ? -TimeSpan.FromSeconds(30) : -TimeSpan.FromHours(2));
                break;
            case "transaction":
                bundle["type"] = edit;
                break;
            case "another":
                entries.Add(Entry("p2", new JsonObject { ["resourceType"] = "Patient" }));
                break;
            case "unresolvable":
                var unnamed = Entry("x", data[code]);
                unnamed["fullUrl"] = "urn:uuid:22222222-2222-4222-8222-222222222222";
                entries.Add(unnamed);
                data.Remove(code);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(edit), edit, "no such edit");
        }

        JsonObject Newer(JsonObject with)
        {
            var newer = Measured(code, "40", "Cel");
            newer["effectiveDateTime"] = Time(TimeSpan.FromMinutes(5));
            foreach (var (name, value) in with)
                newer[name] = value!.DeepClone();
            return newer;
        }
    }

    private static JsonObject Snomed(string code) => JsonNode.Parse($$"""{"coding":[{"system":"http://snomed.info/sct","code":"{{code}}"}]}""")!.AsObject();

    private static JsonObject Loinc(string code) => JsonNode.Parse($$"""{"coding":[{"system":"http://loinc.org","code":"{{code}}"}]}""")!.AsObject();

    private static JsonObject Measured(string code, string value, string unit)
    {
        var observation = Observation(Loinc(code), TimeSpan.FromMinutes(30));
        observation["valueQuantity"] = Quantity(value, unit);
        return observation;
    }

    private static JsonObject Quantity(string value, string unit) =>
        new() { ["value"] = decimal.Parse(value, CultureInfo.InvariantCulture), ["system"] = "http://unitsofmeasure.org", ["code"] = unit };

    private static JsonObject Observation(JsonObject code, TimeSpan age) => new()
    {
        ["resourceType"] = "Observation",
        ["status"] = "final",
        ["code"] = code,
        ["subject"] = new JsonObject { ["reference"] = "Patient/p1" },
        ["effectiveDateTime"] = Time(age),
    };

    private static JsonObject Condition(JsonObject code, string clinical, string verification, TimeSpan age) => new()
    {
        ["resourceType"] = "Condition",
        ["clinicalStatus"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"{{clinical}}"}]}"""),
        ["verificationStatus"] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"{{verification}}"}]}"""),
        ["code"] = code,
        ["subject"] = new JsonObject { ["reference"] = "Patient/p1" },
        ["recordedDate"] = Time(age),
    };

    private static JsonObject Entry(string id, JsonObject resource)
    {
        resource["id"] = id;
        return new() { ["fullUrl"] = $"http://ehr.example/fhir/{resource["resourceType"]}/{id}", ["resource"] = resource };
    }

    private static string Time(TimeSpan age) => (TimeProvider.System.GetUtcNow() - age).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public sealed class Bedside : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly TemporaryFolder _state = new();

        internal NodeProcess Node { get; private set; } = null!;

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
            var added = await NodeProcess.RunAsync(_state.Path, ["models", "add", manifest]);
            Assert.True(added.ExitCode == 0, added.Error);
            Node = await NodeProcess.ServeAsync(_state.Path);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
            _state.Dispose();
        }
    }
}
