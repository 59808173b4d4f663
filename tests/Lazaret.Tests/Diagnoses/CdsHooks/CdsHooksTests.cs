using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Diagnoses.CdsHooks;
using Lazaret.Node.Http;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Diagnoses.CdsHooks;

/// <summary>The CDS services of a node whose operator has set them up; nobody runs its jobs.</summary>
public sealed class CdsHooksTests
{
    private const string Service = $"/cds-services/{ServingNode.Model}";
    private const string Origin = "https://ehr.example";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_result_that_comes_later_is_reached_by_the_cards_link()
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { WaitSeconds = 0 } });
        var card = Card(await PostAsync(node, Call(Prefetch())));
        var link = new Uri((string)Assert.Single(card["links"]!.AsArray())!["url"]!);
        Assert.Equal("absolute", (string?)card["links"]![0]!["type"]);
        Assert.Equal($"/v1/jobs/{card["uuid"]}", link.AbsolutePath);
        var job = await node.Client.GetFromJsonAsync<JsonNode>(link, Stop);
        Assert.Equal("QUEUED", (string?)job!["status"]);
    }

    [Fact]
    public async Task A_card_names_the_data_that_it_rests_on_and_what_is_wrong_under_the_prefetchs_keys()
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { WaitSeconds = 0 } });
        var prefetch = Prefetch().Replace("\"id\":\"p1\"", "\"id\":\"p1\",\"telecom\":[{\"value\":\"1\"}]", StringComparison.Ordinal);
        var card = Card(await PostAsync(node, Call(prefetch)));
        var basis = card["extension"]!["lazaret.basis"]!;
        Assert.Equal("Observation/o", (string?)basis["used"]![0]!["reference"]);
        Assert.Equal("prefetch.patient.telecom[0]", (string?)basis["warnings"]![0]!["expression"]);
        Assert.Contains("38.6 Cel", (string?)card["detail"], StringComparison.Ordinal);
        Assert.Contains("prefetch.patient.telecom", (string?)card["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_links_begin_with_the_address_that_clients_know()
    {
        await using var node = await ServingNode.StartAsync(options => options with
        {
            CdsHooks = new CdsHooksOptions { WaitSeconds = 0 },
            Http = new HttpOptions { PublicUrl = "https://lazaret.hospital.example/node/" },
        });
        var card = Card(await PostAsync(node, Call(Prefetch())));
        Assert.StartsWith("https://lazaret.hospital.example/node/v1/jobs/", (string?)card["links"]![0]!["url"], StringComparison.Ordinal);
        Assert.Equal($"https://lazaret.hospital.example/node/fhir/Library/{ServingNode.Model}", (string?)card["source"]!["url"]);
    }

    [Theory]
    [InlineData("""{"8310-5":null}""", "null")]
    [InlineData("""{}""", "not sent")]
    [InlineData(null, "not sent")]
    public async Task Where_the_operator_wants_it_missing_data_are_a_card(string? prefetch, string why)
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { MissingAsCard = true } });
        var card = Card(await PostAsync(node, Call(prefetch)));
        Assert.InRange(((string)card["summary"]!).Length, 1, 139);
        Assert.Equal("info", (string?)card["indicator"]);
        Assert.Contains(why, (string?)card["detail"], StringComparison.Ordinal);
        Assert.True(Guid.TryParse((string?)card["uuid"], out _));
        using var link = await node.Client.GetAsync(new Uri((string)card["links"]![0]!["url"]!), Stop);
        Assert.Equal(HttpStatusCode.OK, link.StatusCode);
    }

    [Fact]
    public async Task Somebody_elses_data_are_no_card_even_there()
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { MissingAsCard = true } });
        using var response = await PostAsync(node, Call(Prefetch("Patient/p2")));
        Assert.Equal(HttpStatusCode.PreconditionFailed, response.StatusCode);
        Assert.Contains("prefetch.8310-5.entry[0].resource.subject", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_specification_does_not_have_is_reported_beside_the_card()
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { WaitSeconds = 0 } });
        using var response = await PostAsync(node, Call(Prefetch(), ""","user":"u","extension":{"a":1}"""));
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
        Assert.Equal("""["user"]""", answer["extension"]!["lazaret.ignored"]!.ToJsonString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_configured_origin_is_let_in_and_no_other(bool says)
    {
        await using var node = await ServingNode.StartAsync(options => options with { CdsHooks = new CdsHooksOptions { Origins = [Origin] } });
        foreach (var (path, method) in ((string, string)[])[("/cds-services", "GET"), (Service, "POST"), ($"{Service}/feedback", "POST")])
        {
            var asks = says ? method : null;
            using var preflight = await SendAsync(node, HttpMethod.Options, path, Origin, asks);
            Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
            Assert.Equal(Origin, preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
            if (asks is not null)
                Assert.Contains(asks, preflight.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
            using var foreign = await SendAsync(node, HttpMethod.Options, path, "https://elsewhere.example", asks);
            Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
        }

        using var call = await SendAsync(node, HttpMethod.Post, Service, Origin, asks: null, "{}");
        Assert.Equal(HttpStatusCode.BadRequest, call.StatusCode);
        Assert.Equal(Origin, call.Headers.GetValues("Access-Control-Allow-Origin").Single());
        foreach (var (path, origin) in ((string, string)[])[(Service, "https://elsewhere.example"), (Service, "null"), ("/v1/diagnose", Origin), ("/cds-servicesx", Origin)])
        {
            using var refused = await SendAsync(node, HttpMethod.Post, path, origin, asks: null, "{}");
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task Without_configured_origins_no_page_is_let_in()
    {
        await using var node = await ServingNode.StartAsync();
        using var preflight = await SendAsync(node, HttpMethod.Options, Service, Origin, "POST");
        Assert.Equal(HttpStatusCode.Forbidden, preflight.StatusCode);
        using var own = await SendAsync(node, HttpMethod.Options, Service, node.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), "POST");
        Assert.False(own.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("ehr.example")]
    [InlineData("https://ehr.example/")]
    [InlineData("https://EHR.example")]
    [InlineData("https://ehr.example/app")]
    [InlineData("ftp://ehr.example")]
    [InlineData("null")]
    public void What_no_browser_sends_as_its_origin_is_refused_at_the_start(string origin) => Assert.Contains(
        new Node.NodeOptions { CdsHooks = new CdsHooksOptions { Origins = [origin] } }.Faults(), fault => fault.StartsWith("Lazaret:CdsHooks:Origins", StringComparison.Ordinal));

    [Fact]
    public async Task Feedback_is_kept_and_counted_without_a_word_that_a_person_wrote()
    {
        await using var node = await ServingNode.StartAsync();
        const string Body = """
            {"feedback":[
              {"card":"9f1ef2cc-0f29-4b6c-a9a8-f2a0a9b7a1a1","outcome":"accepted","acceptedSuggestions":[{"id":"e56e1945-20b3-4393-8503-a1a20fd73152"}],"outcomeTimestamp":"2026-02-02T02:40:00Z"},
              {"card":"9f1ef2cc-0f29-4b6c-a9a8-f2a0a9b7a1a2","outcome":"overridden","outcomeTimestamp":"2026-02-02T02:40:00.123+01:00",
               "overrideReason":{"reason":{"code":"d7ecf885","system":"https://ehr.example/reasons","display":"said so"},"userComment":"Mrs Qvzx is palliative"}}]}
            """;
        using var response = await PostAsync(node, Body, $"{Service}/feedback");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var kept = (await db.Audit.SingleAsync(entry => entry.Action == AuditAction.CdsFeedbackTaken, Stop)).Detail;
        Assert.Contains("https://ehr.example/reasons|d7ecf885", kept, StringComparison.Ordinal);
        Assert.Contains("9f1ef2cc-0f29-4b6c-a9a8-f2a0a9b7a1a2", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("Qvzx", kept, StringComparison.Ordinal);
        var metrics = await node.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Stop);
        Assert.Contains("lazaret_cds_feedback", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    [InlineData("""{"feedback":[]}""", "feedback")]
    [InlineData("""{"feedback":[{}]}""", "feedback[0].card,feedback[0].outcome,feedback[0].outcomeTimestamp")]
    [InlineData("""{"feedback":[7,{"card":"x","outcome":"ignored","outcomeTimestamp":"2026","acceptedSuggestions":[{}],"overrideReason":{"reason":{}}}]}""", "feedback[0],feedback[1].card,feedback[1].outcome,feedback[1].outcomeTimestamp,feedback[1].acceptedSuggestions,feedback[1].overrideReason.reason")]
    public async Task Feedback_that_is_none_is_answered_with_all_that_is_wrong(string body, string places)
    {
        await using var node = await ServingNode.StartAsync();
        using var response = await PostAsync(node, body, $"{Service}/feedback");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var issues = (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["issue"]!.AsArray();
        var told = issues.Select(issue => (string?)issue!["expression"]?[0] ?? "");
        Assert.Equal(body == "[]" ? "feedback" : places, string.Join(',', told));
        using var unknown = await PostAsync(node, body, "/cds-services/measles/feedback");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static string Prefetch(string subject = "Patient/p1") => """
        {"patient":{"resourceType":"Patient","id":"p1"},"8310-5":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":
        {"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},"subject":{"reference":"SUBJECT"},
        "effectiveDateTime":"2026-01-01T00:00:00Z","valueQuantity":{"value":38.6,"system":"http://unitsofmeasure.org","code":"Cel"}}}]}}
        """.Replace("SUBJECT", subject, StringComparison.Ordinal);

    private static string Call(string? prefetch, string more = "") =>
        """{"hook":"patient-view","hookInstance":"1","context":{"userId":"Practitioner/x","patientId":"p1"}""" + (prefetch is null ? "" : $",\"prefetch\":{prefetch}") + more + "}";

    private static JsonNode Card(HttpResponseMessage response)
    {
        using (response)
        {
            var text = response.Content.ReadAsStringAsync(Stop).GetAwaiter().GetResult();
            Assert.True(response.StatusCode == HttpStatusCode.OK, text);
            return Assert.Single(JsonNode.Parse(text)!["cards"]!.AsArray())!;
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(ServingNode node, string body, string path = Service)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
    }

    private static async Task<HttpResponseMessage> SendAsync(ServingNode node, HttpMethod method, string path, string origin, string? asks, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        if (asks is not null)
        {
            request.Headers.Add("Access-Control-Request-Method", asks);
            request.Headers.Add("Access-Control-Request-Headers", "content-type, authorization");
        }

        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await node.Client.SendAsync(request, Stop);
    }
}
