using System.Net;
using Lazaret.Node.Identity;
using Lazaret.Tests.Http;

namespace Lazaret.Tests.WebConsole;

/// <summary>A page that answers a form has the form's address, which browsers ask for again.</summary>
public sealed class FormAddressTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Posts => [.. AccessTable.Endpoints.Keys.Where(name => name.StartsWith("POST /console", StringComparison.Ordinal)).Select(name => name.Split(' ')[1])];

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task Where_a_form_is_sent_a_page_can_be_asked_for(string route)
    {
        Assert.Contains($"GET {route}", AccessTable.Endpoints.Keys);
        await using var node = await ServingNode.StartAsync();
        var address = route.Replace("{key}", ServingNode.Model, StringComparison.Ordinal).Replace("{id:guid}", $"{Guid.Empty}", StringComparison.Ordinal);
        for (var hops = 0; hops < 2; hops++)
        {
            using var answer = await node.Client.GetAsync(new Uri(address, UriKind.Relative), Stop);
            if (answer.StatusCode != HttpStatusCode.SeeOther)
            {
                // Of some things there is none here.
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{address}: {answer.StatusCode}");
                return;
            }

            address = answer.Headers.Location!.ToString();
            Assert.StartsWith("/console", address, StringComparison.Ordinal);
        }

        Assert.Fail($"{route} leads to no page, but to {address}");
    }

    [Theory]
    [InlineData("/console/ledger/verify", "/console/ledger")]
    [InlineData("/console/ask/check", "/console/ask")]
    [InlineData("/console/webhooks/secret", "/console/webhooks")]
    [InlineData("/console/keys", "/console/people")]
    [InlineData("/console/keys/rotate", "/console/people")]
    [InlineData("/console/people/link", "/console/people")]
    [InlineData("/console/analyses", "/console/models")]
    [InlineData("/console/models/quick/remove", "/console/models/quick")]
    [InlineData("/console/projects/a%20b/close", "/console/projects/a%20b")]
    public async Task It_is_the_page_that_has_the_form(string address, string page)
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = options.Http with { PublicUrl = "https://hospital.example/lazaret/" } });
        using var answer = await node.Client.GetAsync(new Uri(address, UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal($"/lazaret{page}", answer.Headers.Location!.ToString());
    }
}
