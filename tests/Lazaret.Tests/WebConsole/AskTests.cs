using System.Net;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>The form of a question, as a browser sends it that runs no script: what is chosen is what is asked.</summary>
public sealed class AskTests
{
    /// <summary>What a browser sends of the form that nothing was chosen in.</summary>
    private static readonly (string, string?)[] Untouched =
        [("outcome", "UPDRS_change"), ("score", "dot"), ("stat", "pearson"), ("alternative", "two-sided"), ("mask", ""), ("null", ""), ("within", ""), ("filters", ""), ("min:age", ""), ("max:age", "")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Boxes_edges_and_covariates_become_the_filters_and_covariates_of_the_question()
    {
        await using var node = await ServingNode.StartAsync();
        var edges = (await AgesAsync(node))[..2];
        var (status, next) = await SendAsync(node, "/console/ask", Untouched, ("level:dx", "PD"), ("filters", """{"sex":"M"}"""), ("level:sex", "F"), ("min:age", edges[0]), ("max:age", edges[1]), ("covariate", "sex"), ("covariate", "age"));
        Assert.True(status == HttpStatusCode.SeeOther, next);
        var request = CohortRequest.Read(Assert.Single(await JobsAsync(node)).Request);
        Assert.Equal($$"""{"age":{"min":{{edges[0]}},"max":{{edges[1]}}},"dx":"PD","sex":["F","M"]}""", request.Filters);
        Assert.Equal(["age", "sex"], request.Covariates);
    }

    [Fact]
    public async Task Who_may_not_ask_sees_it_before_a_map_is_chosen()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Projects = new ProjectOptions { Required = true } });
        var key = await node.RegisterAsync("anna", Roles.Requester);
        const string Button = "href=\"/console/ask\">Ask a question";
        Assert.Contains("You may not ask now", (await ConsoleTests.GetAsync(node, "/console/ask", key)).Page, StringComparison.Ordinal);
        Assert.DoesNotContain(Button, (await ConsoleTests.GetAsync(node, "/console", key)).Page, StringComparison.Ordinal);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"] });
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.DoesNotContain("You may not ask now", (await ConsoleTests.GetAsync(node, "/console/ask", key)).Page, StringComparison.Ordinal);
        Assert.Contains(Button, (await ConsoleTests.GetAsync(node, "/console", key)).Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/ask", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/console/ask/check", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/console/ask/check", HttpStatusCode.OK, "UPDRS_change")]
    public async Task What_was_chosen_is_kept_when_the_page_answers_the_form(string path, HttpStatusCode expected, string outcome = "mood")
    {
        await using var node = await ServingNode.StartAsync();
        var edges = await AgesAsync(node);
        var (status, page) = await SendAsync(node, path, Untouched, ("outcome", outcome), ("level:dx", "PD"), ("min:age", edges[0]), ("max:age", edges[1]), ("covariate", "sex"), ("mask", "STN"), ("stat", "spearman"), ("null", "permutation"), ("within", "sex"));
        Assert.Equal(expected, status);
        foreach (var chosen in new[]
        {
            "name=\"level:dx\" value=\"PD\" checked", "name=\"covariate\" value=\"sex\" checked", $"<option value=\"{edges[0]}\" selected>", $"<option value=\"{edges[1]}\" selected>", "<option value=\"STN\" selected>",
            "<option value=\"spearman\" selected>", "<option value=\"permutation\" selected>", "<option value=\"sex\" selected>", $"<option value=\"{outcome}\" selected>",
        })
            Assert.Contains(chosen, page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"OCD\" checked", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_a_file_lacks_the_map_and_what_is_no_json_is_kept_beside_the_boxes()
    {
        await using var node = await ServingNode.StartAsync();
        using var form = TinySite.Form([], [.. Untouched.Where(field => field.Item1 != "filters"), ("filters", "{dx"), ("level:dx", "PD"), ("level:mood", "low")]);
        var (status, page) = await SendAsync(node, "/console/ask", form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        foreach (var part in new[] { "Map: choose one", "Who: no JSON object", "value=\"{dx\"", "name=\"level:dx\" value=\"PD\" checked" })
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_sends_its_question_twice_asks_once_and_another_question_of_it_is_another()
    {
        await using var node = await ServingNode.StartAsync();
        var (_, page) = await SendAsync(node, "/console/ask/check", Untouched);
        var once = page[(page.IndexOf("name=\"once\" value=\"", StringComparison.Ordinal) + 19)..].Split('"')[0];
        Assert.Equal(32, once.Length);
        var first = await SendAsync(node, "/console/ask", Untouched, ("once", once));
        Assert.Equal(first, await SendAsync(node, "/console/ask", Untouched, ("once", once)));
        Assert.Single(await JobsAsync(node));
        var other = await SendAsync(node, "/console/ask", Untouched, ("once", once), ("level:dx", "PD"));
        Assert.Equal(HttpStatusCode.SeeOther, other.Status);
        Assert.NotEqual(first, other);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(node, "/console/ask", Untouched, ("once", new string('1', 65)))).Status);
    }

    [Fact]
    public async Task Asked_again_a_permutation_stays_within_its_blocks()
    {
        await using var node = await ServingNode.StartAsync();
        await SendAsync(node, "/console/ask", Untouched, ("null", "permutation"), ("within", "sex"), ("level:dx", "PD"));
        var job = Assert.Single(await JobsAsync(node));
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop));
        var form = await node.Client.GetStringAsync(new Uri(page[page.IndexOf("/console/ask?", StringComparison.Ordinal)..].Split('"')[0], UriKind.Relative), Stop);
        Assert.Contains("<option value=\"sex\" selected", form[form.IndexOf("<select id=\"within\"", StringComparison.Ordinal)..].Split("</select>")[0], StringComparison.Ordinal);
        Assert.Contains("name=\"level:dx\" value=\"PD\" checked", form, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_left_the_catalog_is_told_and_not_left_out_of_the_question()
    {
        await using var node = await ServingNode.StartAsync();
        var query = Uri.EscapeDataString("""{"dx":["PD","PSP"],"centre":"B"}""");
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri($"/console/ask?outcome=mood&covariates=iq,sex&project=closed&filters={query}", UriKind.Relative), Stop));
        foreach (var part in new[]
        {
            "<li>dx PSP</li>", "<li>centre \"B\"</li>", "<li>outcome mood</li>", "<li>covariate iq</li>", "<li>project closed</li>", "name=\"filters\" value=\"{\"dx\":[\"PSP\"],\"centre\":\"B\"}\"",
            "name=\"level:dx\" value=\"PD\" checked", "value=\"mood\" selected", "value=\"closed\" selected", "name=\"covariates\" value=\"iq\"", "value=\"sex\" checked",
        })
            Assert.Contains(part, page, StringComparison.Ordinal);
        var (status, refused) = await SendAsync(node, "/console/ask", Untouched, ("level:dx", "PD"), ("filters", """{"dx":["PSP"],"centre":"B"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("unknown value 'PSP' of dx", refused, StringComparison.Ordinal);
        Assert.Empty(await JobsAsync(node));
    }

    [Fact]
    public async Task Behind_a_proxy_the_form_and_the_first_page_lead_to_the_nodes_own_paths()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Http = new HttpOptions { PublicUrl = "https://hospital.example/lazaret/" } });
        var page = await node.Client.GetStringAsync(new Uri("/console/ask", UriKind.Relative), Stop);
        Assert.Contains("data-jobs=\"/lazaret/jobs\"", page, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var welcome = await node.Client.SendAsync(request, Stop);
        var links = await welcome.Content.ReadAsStringAsync(Stop);
        foreach (var path in new[] { "/console", "/docs", "/openapi/v1.json", "/readyz" })
            Assert.Contains($"href=\"/lazaret{path}\"", links, StringComparison.Ordinal);
        Assert.Contains("\"/lazaret/docs\"", await node.Client.GetStringAsync(new Uri("/", UriKind.Relative), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_a_map_is_asked_on_the_page_and_asked_again()
    {
        await using var node = await ServingNode.StartAsync();
        (string, string?)[] fields = [.. Untouched.Where(field => field.Item1 is not ("score" or "alternative")), ("score", ""), ("alternative", ""), ("task", "cross_validate_v1"), ("cv", "kfold"), ("parcellation", "")];
        using var form = TinySite.Form([], fields);
        var (status, next) = await SendAsync(node, "/console/ask", form);
        Assert.True(status == HttpStatusCode.SeeOther, next);
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri(next, UriKind.Relative), Stop));
        var again = await node.Client.GetStringAsync(new Uri(page[page.IndexOf("/console/ask?", StringComparison.Ordinal)..].Split('"')[0], UriKind.Relative), Stop);
        Assert.Contains("<option value=\"cross_validate_v1\" selected", again, StringComparison.Ordinal);
        Assert.Contains("<option value=\"kfold\" selected", again, StringComparison.Ordinal);
        Assert.DoesNotContain("can be asked now", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_of_the_map_is_said_on_the_page_and_another_one_is_refused()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        await File.WriteAllTextAsync(Path.Combine(view, "site.yaml"), "template: MNI152NLin2009cAsym\n", Stop);
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = view } });
        var page = await node.Client.GetStringAsync(new Uri("/console/ask", UriKind.Relative), Stop);
        Assert.Equal("MNI152NLin2009cAsym", ValuesOf(page, "space")[0]);
        var (_, refused) = await SendAsync(node, "/console/ask", Untouched, ("space", "MNI152NLin6Asym"));
        Assert.Contains("Template that the map lies in: the site's template is MNI152NLin2009cAsym", refused, StringComparison.Ordinal);
        Assert.Contains("<option value=\"MNI152NLin6Asym\" selected", refused, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await SendAsync(node, "/console/ask", Untouched, ("space", "MNI152NLin2009cAsym"))).Status);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("""{"dx":"ET"}""", """{"dx":"ET"}""")]
    [InlineData(null, """{"dx":["PD"]}""", "level:dx", "PD")]
    [InlineData("""{"dx":"ET","sex":"F"}""", """{"dx":["PD","OCD","ET"],"sex":"F"}""", "level:dx", "PD", "level:dx", "OCD")]
    [InlineData("""{"dx":["ET"]}""", """{"dx":["PD","ET"]}""", "level:dx", "PD")]
    [InlineData("{}", """{"age":{"min":50,"max":65.5}}""", "min:age", "50", "max:age", "65.5")]
    [InlineData("{}", """{"age":{"max":"old"}}""", "min:age", "", "max:age", "old")]
    // What contradicts itself, or cannot be read, is left for the node to refuse.
    [InlineData("""{"age":{"max":9}}""", """{"age":{"max":9},"age":{"min":50}}""", "min:age", "50")]
    [InlineData("""{"dx":{"min":1}}""", """{"dx":{"min":1},"dx":["PD"]}""", "level:dx", "PD")]
    [InlineData("{", "{", "level:dx", "PD")]
    [InlineData("[]", "[]", "level:dx", "PD")]
    [InlineData("""{"\ud800":1}""", """{"\ud800":1}""", "level:dx", "PD")]
    public void Typed_and_chosen_filters_are_put_together(string? typed, string? filters, params string[] chosen)
    {
        var page = new PageFields();
        if (typed is not null)
            page.Add("filters", typed);
        foreach (var field in chosen.Chunk(2))
            page.Add(field[0], field[1]);
        Assert.Equal(filters, page.Filters);
    }

    [Fact]
    public async Task The_interface_has_no_fields_of_the_page()
    {
        await using var node = await ServingNode.StartAsync();
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), [("outcome", "UPDRS_change"), ("level:dx", "PD")]);
        using var refused = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Contains("no such field", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var many = TinySite.Form([], [.. Enumerable.Range(0, PageFields.MostParts).Select(number => ("level:dx", (string?)$"{number}"))]);
        var (_, page) = await SendAsync(node, "/console/ask", many);
        Assert.Contains($"The form has more than {PageFields.MostParts} parts", page, StringComparison.Ordinal);
    }

    /// <summary>The edges of ages that the form offers.</summary>
    private static async Task<string[]> AgesAsync(ServingNode node) => ValuesOf(await node.Client.GetStringAsync(new Uri("/console/ask", UriKind.Relative), Stop), "from-age");

    /// <summary>What a choice of the form offers, besides nothing.</summary>
    private static string[] ValuesOf(string page, string id)
    {
        var from = page[page.IndexOf($"<select id=\"{id}\"", StringComparison.Ordinal)..].Split("</select>")[0];
        return [.. from.Split("<option value=\"")[1..].Select(option => option.Split('"')[0]).Where(value => value.Length > 0)];
    }

    /// <summary>Sends the form as a browser does, with another value in some of its fields; answers the page, or where it leads.</summary>
    private static async Task<(HttpStatusCode Status, string Page)> SendAsync(ServingNode node, string path, (string Name, string?)[] fields, params (string Name, string? Value)[] others)
    {
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), [.. fields.Where(field => Array.TrueForAll(others, other => other.Name != field.Name)), .. others]);
        return await SendAsync(node, path, form);
    }

    private static async Task<(HttpStatusCode Status, string Page)> SendAsync(ServingNode node, string path, HttpContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form, Headers = { { "Accept", "text/html" } } };
        using var answer = await node.Client.SendAsync(request, Stop);
        return (answer.StatusCode, answer.Headers.Location?.ToString() ?? WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)));
    }

    private static async Task<IReadOnlyList<Job>> JobsAsync(ServingNode node)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        return await db.Jobs.AsNoTracking().ToListAsync(Stop);
    }
}
