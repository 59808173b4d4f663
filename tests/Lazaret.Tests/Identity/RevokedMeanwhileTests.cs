using System.Net;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity;

/// <summary>What changes while a request's body is on its way counts.</summary>
public sealed class RevokedMeanwhileTests
{
    private const string Bundle =
        """
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient"}},
        {"fullUrl":"urn:uuid:22222222-2222-4222-8222-222222222222","resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},
        "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"},"effectiveDateTime":"2026-01-01T00:00:00Z","valueQuantity":{"value":37,"unit":"Cel","system":"http://unitsofmeasure.org","code":"Cel"}}}]}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/jobs")]
    [InlineData("/v1/diagnose")]
    public async Task Who_is_revoked_while_a_body_comes_in_gets_no_job(string path)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        using var whole = path == "/jobs" ? await MapAsync() : new StringContent($$"""{"client_id":"bot","target_diagnosis":"quick","fhir_bundle":{{Bundle}}}""", Encoding.UTF8, "application/json");
        using var answer = await RevokeMeanwhileAsync(node, path, Roles.Requester, whole);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("was revoked", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/keys", Roles.Operator, "name=another&role=operator")]
    [InlineData("/console/people", Roles.Operator, "name=another&role=steward")]
    [InlineData("/console/keys/revoke", Roles.Operator, "name=bystander")]
    [InlineData("/console/new-project", Roles.Steward, "key=study&title=Study")]
    [InlineData("/console/reviews/11111111-1111-4111-8111-111111111111", Roles.Steward, "decision=approve&why=fine")]
    [InlineData("/v1/reviews/11111111-1111-4111-8111-111111111111", Roles.Steward, """{"decision":"approve","why":"fine"}""")]
    [InlineData("/cds-services/quick/feedback", Roles.Requester, """{"feedback":[{"card":"4e0a3a1e-3283-4575-ab82-028d55fe2719","outcome":"accepted","outcomeTimestamp":"2026-01-01T00:00:00Z"}]}""")]
    public async Task Who_is_revoked_while_a_body_comes_in_does_nothing_by_it(string path, Roles role, string body)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await node.RegisterAsync("bystander", Roles.Requester);
        using var whole = new StringContent(body, Encoding.UTF8, body[0] == '{' ? "application/json" : "application/x-www-form-urlencoded");
        using var answer = await RevokeMeanwhileAsync(node, path, role, whole);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("revoked", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Contains("revoked", Assert.Single(await node.AuditAsync(AuditAction.AccessRefused)).Detail, StringComparison.Ordinal);
        Assert.Equal(["bystander", "slow"], (await node.Services.GetRequiredService<RequesterDirectory>().ListAsync(Stop)).Select(found => found.Requester.Name).Order());
        Assert.False(await node.Services.GetRequiredService<RequesterDirectory>().IsRevokedAsync("bystander", Stop));
    }

    [Fact]
    public async Task Who_is_revoked_while_a_model_comes_in_registers_none()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        using var form = new MultipartFormDataContent { { new StringContent("key: other"), "manifest", "manifest.yaml" }, { new ByteArrayContent(new byte[5000]), "image", "image.tar" } };
        using var answer = await RevokeMeanwhileAsync(node, "/console/models", Roles.Operator, form);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Single(await node.AuditAsync(AuditAction.AccessRefused));
    }

    [Fact]
    public async Task Who_is_revoked_while_they_wait_for_an_evaluation_gets_no_result()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        using var bundle = new StringContent(Bundle, Encoding.UTF8, "application/json");
        var asked = node.SendAsync(HttpMethod.Post, "/fhir/Library/quick/$evaluate", await node.RegisterAsync("slow", Roles.Requester), bundle);
        await Wait.UntilAsync(async () => (await node.AuditAsync(AuditAction.JobAdmitted)).Count > 0, "the job");
        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("slow", AuditEntry.Operator, Stop);

        using var answer = await asked;
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("was revoked", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_events_ends_when_its_requester_is_revoked()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("watcher", Roles.Requester);
        using var admitted = await node.AdmitMapAsync(key);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{admitted.Headers.Location}/events");
        request.Headers.Authorization = new("Bearer", key);
        using var answer = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.StartsWith("event: status", await lines.ReadLineAsync(Stop), StringComparison.Ordinal);

        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("watcher", AuditEntry.Operator, Stop);
        // By itself it would go on for two minutes.
        Assert.Contains("queued", await lines.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromMinutes(1), Stop), StringComparison.Ordinal);
    }

    /// <summary>Sends half a body, revokes its sender, and sends the rest.</summary>
    private static async Task<HttpResponseMessage> RevokeMeanwhileAsync(ServingNode node, string path, Roles role, HttpContent whole)
    {
        var key = await node.RegisterAsync("slow", role);
        var (halfSent, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var slow = new SlowContent(await whole.ReadAsByteArrayAsync(Stop), halfSent, goOn);
        slow.Headers.ContentType = whole.Headers.ContentType;
        var asked = node.SendAsync(HttpMethod.Post, path, key, slow);
        await halfSent.Task.WaitAsync(Stop);
        await Wait.UntilAsync(async () => (await node.AuditAsync(AuditAction.Authenticated)).Count > 0, "the authentication");
        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("slow", AuditEntry.Operator, Stop);
        goOn.SetResult();
        return await asked;
    }

    private static async Task<HttpContent> MapAsync() =>
        TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("task", "map_to_outcome_v1"), ("outcome", "UPDRS_change"));

    private sealed class SlowContent(byte[] bytes, TaskCompletionSource halfSent, TaskCompletionSource goOn) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            halfSent.SetResult();
            await goOn.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
