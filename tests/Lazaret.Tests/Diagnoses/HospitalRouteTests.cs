using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lazaret.Node.Diagnoses.CdsHooks;
using Lazaret.Node.Models;
using Lazaret.Tests.Http;
using Lazaret.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Diagnoses;

/// <summary>What hospitals send, by each route: the answer is the same in every dialect.</summary>
public sealed partial class HospitalRouteTests(HospitalRouteTests.Node node) : IClassFixture<HospitalRouteTests.Node>
{
    private const string Ok = "";
    private const string Temperature = "\"valueQuantity\": {\"value\": 38.6, \"unit\": \"Cel\", \"system\": \"http://unitsofmeasure.org\", \"code\": \"Cel\"}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A case, its model, an edit of its text, and the cause: none where it suffices.</summary>
    [Theory]
    [InlineData("n01-degf", "temp", "", "", Ok)]
    [InlineData("n01-degf", "temp", "101.5|[degF]", "311.75|K", Ok)]
    [InlineData("n01-degf", "temp", "101.5|[degF]", "311.75|Cel", "implausible")]
    [InlineData("n01-degf", "temp", "\"code\": \"[degF]\"", "\"code\": \"F\"", "unit")]
    [InlineData("n01-degf", "temp", ", \"code\": \"[degF]\"", "", "unit")]
    [InlineData("n03-newer-degf-hides", "temp", "", "", Ok)]
    [InlineData("n03-newer-degf-hides", "temp", "\"id\": \"new\", \"status\": \"final\"", "\"id\": \"new\", \"status\": \"preliminary\"", "status")]
    [InlineData("n03-newer-degf-hides", "temp", "\"id\": \"new\", \"status\": \"final\"", "\"id\": \"new\", \"status\": \"entered-in-error\"", Ok)]
    [InlineData("n03-newer-degf-hides", "temp", "\"value\": 104,", "\"value\": 10.4,", "implausible")]
    [InlineData("n03-newer-degf-hides", "temp", "\"value\": 104,", "\"comparator\": \">\", \"value\": 104,", "comparator")]
    [InlineData("n05-one-per-min", "hr", "", "", Ok)]
    [InlineData("n05-one-per-min", "hr", "\"code\": \"1/min\"", "\"code\": \"{beats}/min\"", Ok)]
    [InlineData("n05-one-per-min", "hr", "\"code\": \"1/min\"", "\"code\": \"{Beats}/min\"", Ok)]
    [InlineData("n05-one-per-min", "hr", "\"code\": \"1/min\"", "\"code\": \"beats/min\"", "unit")]
    [InlineData("n07-gcs-integer", "gcs", "", "", Ok)]
    [InlineData("n07-gcs-integer", "gcs", "\"valueInteger\": 13", "\"valueCodeableConcept\": {\"coding\": [{\"system\": \"http://loinc.org\", \"code\": \"LA6557-8\"}], \"text\": \"13\"}", "no-value")]
    [InlineData("n07-gcs-integer", "gcs", "\"valueInteger\": 13", "\"valueQuantity\": {\"value\": 13, \"system\": \"http://unitsofmeasure.org\", \"code\": \"{score}\"}", Ok)]
    [InlineData("n09-future-1s", "temp", "", "", Ok)]
    [InlineData("n09-future-1s", "temp", "12:00:01", "12:10:00", "future")]
    [InlineData("n09-future-1s", "temp", "2026-11-26T12:00:01Z", "2026-11-25T12:00:01Z", "stale")]
    [InlineData("n09-future-1s", "temp", Temperature, "\"dataAbsentReason\": {\"coding\": [{\"system\": \"http://terminology.hl7.org/CodeSystem/data-absent-reason\", \"code\": \"unknown\"}]}", "no-value")]
    [InlineData("n11-bp-55284-4", "sbp", "", "", "no-match")]
    [InlineData("n11-bp-55284-4", "sbp", "55284-4", "85354-9", Ok)]
    [InlineData("n13-condition-no-verification", "dm", "", "", Ok)]
    [InlineData("n13-condition-no-verification", "dm", "\"clinicalStatus\": {\"coding\": [{\"system\": \"http://terminology.hl7.org/CodeSystem/condition-clinical\", \"code\": \"active\"}]},", "", Ok)]
    [InlineData("n13-condition-no-verification", "dm", "condition-clinical\", \"code\": \"active\"", "condition-clinical\", \"code\": \"resolved\"", "status")]
    [InlineData("n15-condition-icd10", "dm", "", "", "no-match")]
    [InlineData("n15-condition-icd10", "dm-icd", "", "", Ok)]
    [InlineData("n15-condition-icd10", "dm", "\"coding\": [{\"system\": \"http://hl7.org/fhir/sid/icd-10-cm\"", "\"coding\": [{\"system\": \"http://snomed.info/sct\", \"code\": \"44054006\"}, {\"system\": \"http://hl7.org/fhir/sid/icd-10-cm\"", Ok)]
    [InlineData("n19-batch-response", "temp", "", "", Ok)]
    [InlineData("n19-batch-response", "temp", "200 OK", "403 Forbidden", "no-match")]
    public async Task A_case_is_answered_alike_by_every_route(string file, string model, string text, string replacement, string cause)
    {
        var bundle = Case(file, text, replacement);

        // 1. The bot's.
        var (status, answer) = await SendAsync("/v1/diagnose?dry_run=true", Envelope(model, bundle));
        Assert.True(status == (cause == Ok ? HttpStatusCode.OK : HttpStatusCode.Conflict), $"{status}: {answer}");
        Assert.Equal(cause, (string?)answer["cause"] ?? "");
        Assert.Equal(cause == Ok ? "satisfied" : "data-required", (string?)answer["verdict"]);

        // 2. FHIR's.
        var (evaluated, guidance) = await SendAsync($"/fhir/Library/{model}/$evaluate", Parameters(bundle), "respond-async");
        Assert.True(evaluated == (cause == Ok ? HttpStatusCode.Accepted : HttpStatusCode.OK), $"{evaluated}: {guidance}");
        if (cause != Ok)
            Assert.Equal("data-required", (string?)guidance["status"]);

        // 3. CDS Hooks'.
        var (called, card) = await SendAsync($"/cds-services/{model}", Call(bundle));
        Assert.True(called == (cause == Ok ? HttpStatusCode.OK : HttpStatusCode.PreconditionFailed), $"{called}: {card}");
        if (cause == Ok)
            Assert.Single(card["cards"]!.AsArray());
    }

    [Theory]
    [InlineData("transaction")]
    [InlineData("batch")]
    [InlineData("history")]
    [InlineData("message")]
    [InlineData("transaction-response")]
    public async Task A_bundle_that_states_no_present_data_is_a_refusal_and_no_question(string type)
    {
        var bundle = Case("n17-transaction", "", "");
        bundle["type"] = type;
        foreach (var entry in bundle["entry"]!.AsArray())
        {
            if (type is "message" or "transaction-response")
                entry!.AsObject().Remove("request");
            if (type is "history" or "transaction-response")
                entry!["response"] = new JsonObject { ["status"] = "200" };
        }

        if (type == "message")
            bundle["entry"]!.AsArray().Insert(0, JsonNode.Parse("""{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"MessageHeader","eventUri":"http://x.example/e","source":{"endpoint":"http://x.example/s"}}}"""));

        var (status, answer) = await SendAsync("/v1/diagnose", Envelope("temp", bundle));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "refused", "bundle-type", "Bundle.type"), (status, (string?)answer["verdict"], (string?)answer["cause"], (string?)answer["place"]));

        foreach (var (body, place) in ((JsonObject, string)[])[(bundle, "Bundle.type"), (Parameters(bundle), "Parameters.parameter[1].resource.type")])
        {
            var (evaluated, outcome) = await SendAsync("/fhir/Library/temp/$evaluate", body);
            Assert.Equal((HttpStatusCode.UnprocessableEntity, place), (evaluated, (string?)outcome["issue"]![0]!["expression"]![0]));
        }

        // As the answer to a search it is told as what was not read.
        var (called, missing) = await SendAsync("/cds-services/temp", Call(bundle));
        Assert.Equal(HttpStatusCode.PreconditionFailed, called);
        Assert.Contains(missing["issue"]!.AsArray(), issue => (string?)issue!["expression"]![0] == "prefetch.8310-5" && ((string)issue["diagnostics"]!).StartsWith("not read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_searchset_lacks_is_told_with_a_positive_answer_too_by_every_route()
    {
        var bundle = Case("n09-future-1s", "", "");
        bundle["type"] = "searchset";
        bundle["link"] = new JsonArray(new JsonObject { ["relation"] = "next", ["url"] = "http://ehr.example/fhir?page=2" });

        var (_, dry) = await SendAsync("/v1/diagnose?dry_run=true", Envelope("temp", bundle));
        var (status, admitted) = await SendAsync("/v1/diagnose", Envelope("temp", bundle));
        Assert.Equal(HttpStatusCode.Accepted, status);
        foreach (var answer in (JsonNode[])[dry, admitted])
            Assert.Equal("Bundle.link[0]", (string?)answer["unread"]![0]!["place"]);

        var (_, card) = await SendAsync("/cds-services/temp", Call(bundle));
        Assert.Equal("prefetch.8310-5.link[0]", (string?)card["cards"]![0]!["extension"]!["lazaret.basis"]!["unread"]![0]!["place"]);
    }

    [Fact]
    public async Task A_query_parameter_that_nobody_knows_is_refused_by_name()
    {
        var (status, answer) = await SendAsync("/v1/diagnose?foo=1&dry_run=true&dryrun=true", Envelope("temp", Case("n09-future-1s", "", "")));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("\"foo\"", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"dryrun\"", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_near_miss_and_the_particular_reason_are_told_to_a_client_of_cds_hooks_too()
    {
        var (_, near) = await SendAsync("/cds-services/temp", Call(Case("n09-future-1s", "8310-5", "8331-1")));
        Assert.Contains("8331-1 (Oral temperature) was found", near.ToJsonString(), StringComparison.Ordinal);
        var (_, absent) = await SendAsync("/cds-services/gcs", Call(Case("n07-gcs-integer", "\"valueInteger\": 13", "\"valueString\": \"13\"")));
        Assert.Contains("the value is a valueString", absent.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("searchset", Ok)]
    [InlineData("collection", Ok)]
    [InlineData("batch-response", Ok)]
    [InlineData("history", "no-match")]
    public async Task A_bundle_inside_another_is_read_or_named(string inner, string cause)
    {
        var within = Case("n09-future-1s", "12:00:01", "11:30:00");
        within["type"] = inner;
        foreach (var entry in within["entry"]!.AsArray().Where(_ => inner is "batch-response" or "history"))
            entry!["response"] = new JsonObject { ["status"] = "200" };
        if (inner == "history")
        {
            foreach (var entry in within["entry"]!.AsArray())
                entry!["request"] = new JsonObject { ["method"] = "PUT", ["url"] = "x" };
        }

        var outer = new JsonObject { ["resourceType"] = "Bundle", ["type"] = "collection", ["entry"] = new JsonArray(new JsonObject { ["resource"] = within }) };
        var (_, answer) = await SendAsync("/v1/diagnose?dry_run=true", Envelope("temp", outer));
        Assert.Equal(cause, (string?)answer["cause"] ?? "");
        if (cause != Ok)
            Assert.Equal("Bundle.entry[0].resource", (string?)answer["unread"]![0]!["place"]);

        var (_, guidance) = await SendAsync("/fhir/Library/temp/$evaluate", Parameters(outer), "respond-async");
        if (cause != Ok)
            Assert.Contains(guidance["contained"]![0]!["issue"]!.AsArray(), issue => (string?)issue!["expression"]?[0] == "Parameters.parameter[1].resource.entry[0].resource");
    }

    [Theory]
    [InlineData("v01-searchset-response", "")]
    [InlineData("v03-conditional-reference", "")]
    [InlineData("v05-empty-array", "8310-5")]
    [InlineData("v07-zoneless-encounter", "")]
    public async Task A_fault_that_matters_to_nobody_is_a_warning_by_every_route(string file, string missing)
    {
        var bundle = Case(file, "", "", "Relevance/data");

        var (status, answer) = await SendAsync("/v1/diagnose", Envelope("temp", bundle));
        Assert.Equal(missing.Length == 0 ? HttpStatusCode.Accepted : HttpStatusCode.Conflict, status);
        Assert.Single(answer["warnings"]!.AsArray());

        var (_, guidance) = await SendAsync("/fhir/Library/temp/$evaluate", Parameters(bundle), "respond-async");
        Assert.Contains("Parameters.parameter[1].resource.entry[", guidance.ToJsonString(), StringComparison.Ordinal);

        var (called, card) = await SendAsync("/cds-services/temp", Call(bundle));
        if (missing.Length == 0 && file[1..3] != "01")
            Assert.StartsWith("prefetch.8310-5.entry[", (string?)card["cards"]![0]!["extension"]!["lazaret.basis"]!["warnings"]![0]!["expression"], StringComparison.Ordinal);
        else
            Assert.Equal(missing.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.PreconditionFailed, called);
    }

    private static JsonObject Case(string file, string text, string replacement, string folder = "Negotiations/data/cases")
    {
        var json = Compact(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fhir", folder, $"{file}.json")))!.ToJsonString());
        foreach (var (from, to) in text.Length == 0 ? [] : text.Contains('|', StringComparison.Ordinal) ? text.Split('|').Zip(replacement.Split('|')) : [(text, replacement)])
        {
            Assert.Contains(Compact(from), json, StringComparison.Ordinal);
            json = json.Replace(Compact(from), Compact(to), StringComparison.Ordinal);
        }

        // The cases are of one noon; the node's is now.
        var shift = TimeProvider.System.GetUtcNow() - new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
        json = Moment().Replace(json, moment => (DateTimeOffset.Parse(moment.Value, CultureInfo.InvariantCulture) + shift).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        return JsonNode.Parse(json)!.AsObject();
    }

    private static string Compact(string json) => json.Replace("\": ", "\":", StringComparison.Ordinal).Replace(", \"", ",\"", StringComparison.Ordinal);

    private static JsonObject Envelope(string model, JsonObject bundle) => new() { ["client_id"] = "c", ["target_diagnosis"] = model, ["fhir_bundle"] = bundle.DeepClone() };

    private static JsonObject Parameters(JsonObject bundle) => JsonNode.Parse(
        $$"""{"resourceType":"Parameters","parameter":[{"name":"subject","valueString":"Patient/p1"},{"name":"data","resource":{{bundle.ToJsonString()}}}]}""")!.AsObject();

    private static JsonObject Call(JsonObject bundle) => JsonNode.Parse(
        $$"""{"hook":"patient-view","hookInstance":"1","fhirServer":"http://ehr.example/fhir","context":{"userId":"Practitioner/x","patientId":"p1"},"prefetch":{"patient":{"resourceType":"Patient","id":"p1"},"8310-5":{{bundle.ToJsonString()}} } }""")!.AsObject();

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(string path, JsonObject body, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        using var response = await node.Serving.Client.SendAsync(request, Stop);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!);
    }

    [GeneratedRegex("2026-11-2[0-9]T[0-9:]{8}Z", RegexOptions.None, 1000)]
    private static partial Regex Moment();

    public sealed class Node : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal ServingNode Serving { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Serving = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { WaitSeconds = 0 } });
            TinyModel.Write(_folder, "1.0.0");
            foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Fhir", "Negotiations", "data", "cases"), "m-*.yaml"))
                await AddAsync(Path.GetFileName(file), await File.ReadAllTextAsync(file, Stop));
            await AddAsync("m-dm-icd.yaml", (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Fhir", "Negotiations", "data", "cases", "m-dm.yaml"), Stop))
                .Replace("key: dm", "key: dm-icd", StringComparison.Ordinal)
                .Replace("display:", "also_codes: [\"http://hl7.org/fhir/sid/icd-10-cm|E11.9\"], display:", StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            await Serving.DisposeAsync();
            _folder.Dispose();
        }

        private async Task AddAsync(string name, string manifest)
        {
            await File.WriteAllTextAsync(_folder[name], manifest, Stop);
            await Serving.Services.GetRequiredService<ModelRegistry>().AddAsync(_folder[name], Stop);
        }
    }
}
