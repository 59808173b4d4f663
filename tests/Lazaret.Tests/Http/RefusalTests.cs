using System.Net;
using System.Text;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Tests.Identity.Tokens;

namespace Lazaret.Tests.Http;

/// <summary>What a request is refused for before anything of it is judged.</summary>
public sealed class RefusalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/diagnose")]
    [InlineData($"/fhir/Library/{ServingNode.Model}/$evaluate")]
    [InlineData("/jobs")]
    public async Task An_idempotency_key_that_is_too_long_is_named_and_not_cut(string path)
    {
        await using var node = await ServingNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = path switch
        {
            "/jobs" => TinySite.Form([1, 2, 3], ("outcome", "UPDRS_change")),
            "/v1/diagnose" => Json($$$"""{"client_id":"c","target_diagnosis":"{{{ServingNode.Model}}}","fhir_bundle":{"resourceType":"Bundle","type":"collection"}}"""),
            _ => Json("""{"resourceType":"Bundle","type":"collection"}"""),
        };
        request.Headers.Add("Idempotency-Key", new string('k', 201));
        using var answer = await node.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("Idempotency-Key: is longer than 200 characters", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_a_cohort_says_so_and_not_that_it_will_have_one()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = "" } });
        using var catalog = await node.Client.GetAsync(new Uri("/catalog/variables", UriKind.Relative), Stop);
        using var form = TinySite.Form([1, 2, 3], ("outcome", "UPDRS_change"));
        using var job = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        foreach (var answer in (HttpResponseMessage[])[catalog, job])
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains(CohortSite.NoCohort, await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET", "/openapi/v2.json", HttpStatusCode.NotFound)]
    [InlineData("GET", "/oauth/token", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/OAuth/token/", HttpStatusCode.MethodNotAllowed)]
    public async Task What_libraries_answer_for_the_node_is_refused_in_its_own_way(string method, string path, HttpStatusCode status)
    {
        await using var node = await ServingNode.StartAsync(TokenNodes.TakeSmart);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await node.Client.SendAsync(request, Stop);
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(status == HttpStatusCode.MethodNotAllowed ? ["POST"] : [], answer.Content.Headers.Allow);
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
