using System.Buffers.Text;
using System.Net;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Storage;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Projects;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Http;

/// <summary>The character NUL, which PostgreSQL keeps in no text: it is a fault of the request, and no outage of the database.</summary>
public sealed class UnstorableTextTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_that_PostgreSQL_takes_none_of_is_refused_before_it_gets_there()
    {
        var connection = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var node = await ServingNode.StartAsync(
            options => options with { Auth = new AuthOptions { Modes = [AuthModes.Key, AuthModes.Smart] }, Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } },
            setting: ("ConnectionStrings:Lazaret", connection));
        var key = await node.RegisterAsync("anna", RoleNames.Each.Aggregate((one, other) => one | other));

        // 1. Of strangers: tokens that nobody has signed.
        foreach (var claims in new[] { """{"iss":"a\u0000"}""", """{"iss":"a","sub":"\u0000"}""", """{"iss":"a","jti":"x\u0000"}""", """{"iss":"\ud800"}""" })
        {
            var token = $"{Encoded("""{"alg":"ES384","kid":"k"}""")}.{Encoded(claims)}.AAAA";
            using var hook = await node.SendAsync(HttpMethod.Post, "/cds-services/quick", token, new StringContent("{}", Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.Unauthorized, hook.StatusCode);
            using var asked = await node.Client.PostAsync(
                new Uri("/oauth/token", UriKind.Relative),
                new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials", ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", ["client_assertion"] = token,
                }),
                Stop);
            Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
        }

        Assert.True((await node.AuditAsync()).Count(entry => entry.Action == AuditAction.AuthenticationRefused) >= 2);

        // 2. In addresses and bodies.
        foreach (var path in new[] { "/console/jobs?requester=%00", "/console/jobs?project=%00", "/console/ledger?actor=%00" })
        {
            using var page = await node.SendAsync(HttpMethod.Get, path, key);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("holds \\u{0000}", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using var body = ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle);
        using var named = new StringContent((await body.ReadAsStringAsync(Stop)).Replace("\"bot\"", "\"b\\u0000t\"", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var refused = await node.SendAsync(HttpMethod.Post, "/v1/diagnose", key, named);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("client_id", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
