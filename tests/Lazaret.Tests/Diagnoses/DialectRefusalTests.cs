using System.Net;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Diagnoses;

/// <summary>What FHIR's and CDS Hooks' endpoints refuse.</summary>
public sealed class DialectRefusalTests
{
    private const string Evaluate = $"/fhir/Library/{ServingNode.Model}/$evaluate";
    private const string Hook = $"/cds-services/{ServingNode.Model}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Evaluate, "{")]
    [InlineData(Evaluate, """{"resourceType":"Parameters"}""")]
    [InlineData("/fhir/Library/none/$evaluate", "{}")]
    [InlineData(Hook, "[]")]
    [InlineData(Hook, """{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"}}""")]
    [InlineData(Hook, """{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"patient":{"resourceType":"Patient","id":"b"}}}""")]
    [InlineData("/cds-services/none", "{}")]
    public async Task Every_refusal_is_audited(string path, string body)
    {
        await using var node = await ServingNode.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        Assert.InRange((int)response.StatusCode, 400, 422);
        await using var db = await OpenAsync(node);
        Assert.Single(await db.Audit.Where(entry => entry.Action == AuditAction.RequestRefused).ToListAsync(Stop));
    }

    [Fact]
    public async Task The_time_that_a_body_takes_to_arrive_is_no_time_of_reading_it()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Fhir = new FhirOptions { ValidationSeconds = 2 } });
        const string Entry = """{"resource":{"resourceType":"Patient"}}""";
        var body = Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', Enumerable.Repeat(Entry, 2000))}}]}""");
        using var client = await node.BeginAsync(Evaluate, "application/fhir+json", body.Length, body.AsMemory(0, body.Length / 2));
        await Task.Delay(TimeSpan.FromSeconds(2.5), Stop);
        await client.GetStream().WriteAsync(body.AsMemory(body.Length / 2), Stop);
        var buffer = new byte[1 << 16];
        var said = Encoding.UTF8.GetString(buffer, 0, await client.GetStream().ReadAtLeastAsync(buffer, 300, throwOnEndOfStream: false, Stop));
        Assert.DoesNotContain("too-costly", said, StringComparison.Ordinal);
        Assert.Contains("resourceType", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Evaluate, "application/fhir+json")]
    [InlineData(Hook, "application/fhir+json")]
    [InlineData("/v1/diagnose", "application/problem+json")]
    public async Task A_database_that_fails_is_told_in_each_dialects_words(string path, string type)
    {
        await using var node = await ServingNode.StartAsync();
        await using (var db = await OpenAsync(node))
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE Programs RENAME TO Away", Stop);
        const string Body = """{"client_id":"c","target_diagnosis":"quick","fhir_bundle":{"resourceType":"Bundle","type":"collection"}}""";
        using var content = new StringContent(Body, Encoding.UTF8, "application/json");
        using var response = await node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    private static Task<LazaretDb> OpenAsync(ServingNode node) => node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
}
