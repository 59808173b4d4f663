using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole.Registry;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Models;
using Lazaret.Tests.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>Bundles that are compared with a model on its page.</summary>
public sealed class TrialTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_that_suffices_is_shown_as_the_sandbox_would_see_it()
    {
        await using var node = await ServingNode.StartAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("bundle", ApprovedProjects.Bundle)]);
        using var answer = await node.Client.PostAsync(new Uri($"/console/models/{ServingNode.Model}", UriKind.Relative), form, Stop);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop));
        // With its value.
        Assert.Matches(@"Used</span><br><span class=""small muted"">38 °C, \d+ ", page);
        var input = page[page.IndexOf("What the sandbox would see", StringComparison.Ordinal)..];
        Assert.Matches("\"8310-5\": \\{\\s+\"value\": 38,\\s+\"unit\": \"Cel\"", input);
        Assert.DoesNotContain("p1", input[..input.IndexOf("</pre>", StringComparison.Ordinal)], StringComparison.Ordinal);
        // What came of it has the focus, and stands before the bundle.
        Assert.InRange(page.IndexOf("id=\"h-vd\" tabindex=\"-1\" autofocus", StringComparison.Ordinal), 1, page.IndexOf("id=\"bundle\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bundle_is_tried_on_the_page_of_its_model()
    {
        await using var node = await ServingNode.StartAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("bundle", """{"resourceType":"Bundle","type":"collection"}""")]);
        using var answer = await node.Client.PostAsync(new Uri($"/console/models/{ServingNode.Model}", UriKind.Relative), form, Stop);
        var page = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Contains("Data required", page, StringComparison.Ordinal);
        Assert.Contains("8310-5", page, StringComparison.Ordinal);
        using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        Assert.Empty(await db.Set<Job>().ToListAsync(Stop));
    }

    [Fact]
    public async Task What_was_found_stands_beside_what_is_missing()
    {
        await using var node = await ServingNode.StartAsync();
        using var folder = new TemporaryFolder();
        await node.Services.GetRequiredService<ModelRegistry>().AddAsync(TinyModel.Write(folder, "1.0.0", requires: "{observations: [{code: 8310-5, unit: Cel}, {code: 8867-4, unit: /min}]}"), Stop);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("bundle", ApprovedProjects.Bundle)]);
        using var answer = await node.Client.PostAsync(new Uri("/console/models/sepsis", UriKind.Relative), form, Stop);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop));
        Assert.Contains("Data required", page, StringComparison.Ordinal);
        Assert.Matches(@"8310-5</span></th><td><span class=""\w+ ok"">[^<]*(<[^>]*>[^<]*)*Found</span><br><span class=""small muted"">38 °C", page);
        Assert.Matches(@"8867-4</span></th><td>.*Missing</span>", page);
    }

    [Fact]
    public async Task An_ordinary_record_of_a_patient_is_tried_by_a_member_of_two_projects_and_one_that_is_too_large_is_told_so()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var bot = await node.RegisterAsync("bot", Roles.Requester);
        await node.ApproveAsync(new Approval("ward", "A study") { Members = ["bot"] });
        await node.ApproveAsync(new Approval("clinic", "Another study") { Members = ["bot"], Models = ["another"] });
        // Years of observations: two mebibytes of them.
        var bundle = JsonNode.Parse(ApprovedProjects.Bundle)!;
        var observation = bundle["entry"]![1]!;
        for (var i = 0; i < 4000; i++)
        {
            var copy = observation.DeepClone();
            copy["fullUrl"] = $"http://ehr.example/Observation/old{i}";
            (copy["resource"]!["id"], copy["resource"]!["effectiveDateTime"]) = ($"old{i}", "2020-01-01T08:00:00Z");
            bundle["entry"]!.AsArray().Add(copy);
        }

        var large = bundle.ToJsonString();
        Assert.InRange(large.Length, 1 << 20, 4 << 20);
        var (status, page) = await TryAsync(node, bot, large, "ward");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("The model would run on these data.", page, StringComparison.Ordinal);
        Assert.Contains("<option value=\"ward\" selected", page, StringComparison.Ordinal);
        Assert.Contains("old3999", page, StringComparison.Ordinal);
        // The other project does not have this model, and without a project nobody knows which of the two is meant.
        Assert.Contains("Not allowed", (await TryAsync(node, bot, ApprovedProjects.Bundle, "clinic")).Page, StringComparison.Ordinal);
        Assert.Contains("you are a member of several projects", (await TryAsync(node, bot, ApprovedProjects.Bundle, "")).Page, StringComparison.Ordinal);

        (status, page) = await TryAsync(node, bot, new string(' ', (ModelActs.MostMiB << 20) + (128 << 10)), "ward");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("Too large", page, StringComparison.Ordinal);
        Assert.Contains("""<span class="b bad">Invalid</span>""", (await TryAsync(node, bot, "{", "ward")).Page, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Page)> TryAsync(ServingNode node, string key, string bundle, string project)
    {
        // As a browser sends it.
        using var form = new MultipartFormDataContent { { new StringContent(project), "project" }, { new StringContent(bundle), "bundle" } };
        using var answer = await node.SendAsync(HttpMethod.Post, $"/console/models/{ServingNode.Model}", key, form);
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)));
    }
}
