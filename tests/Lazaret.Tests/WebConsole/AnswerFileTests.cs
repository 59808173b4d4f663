using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;

namespace Lazaret.Tests.WebConsole;

/// <summary>Released answers as files, and questions that are asked again.</summary>
public sealed class AnswerFileTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_saved_as_a_table_and_as_json_by_who_may_read_it()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (asker, other, steward, auditor) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("other", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward), await node.RegisterAsync("auditor", Roles.Auditor));
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        var waiting = await DecidedJobs.AdmitAsync(node.Services, "asker", "b");

        using var table = await node.SendAsync(HttpMethod.Get, $"/console/jobs/{job.Id}/answer.csv", asker);
        Assert.Equal(("text/csv", "attachment"), (table.Content.Headers.ContentType!.MediaType, table.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal("map,n,R,ci95_low,ci95_high,p,p_below,df,q,q_below,p_fwe,p_fwe_below,B,R_degree,p_degree,p_degree_below,auc,auc_p,auc_p_below,coverage\r\n1,60,0.123,-0.1,0.3,0.045,,58,,,,,,,,,,,,\r\n", await table.Content.ReadAsStringAsync(Stop));

        using var json = await node.SendAsync(HttpMethod.Get, $"/console/jobs/{job.Id}/answer.json", asker);
        var sidecar = JsonNode.Parse(await json.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal("UPDRS_change", (string?)sidecar["Outcome"]);
        Assert.Equal("Lazaret", (string?)sidecar["GeneratedBy"]![0]!["Name"]);
        Assert.Equal("PD", (string?)sidecar["Filters"]!["dx"]);
        Assert.Equal(0.123m, (decimal?)sidecar["Rows"]![0]!["R"]);
        Assert.Equal(sidecar["Columns"]!.AsObject().Select(column => column.Key), sidecar["Rows"]![0]!.AsObject().Select(column => column.Key));

        foreach (var file in new[] { "answer.csv", "answer.json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/console/jobs/{job.Id}/{file}", other));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(node, $"/console/jobs/{job.Id}/{file}", steward));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(node, $"/console/jobs/{waiting.Id}/{file}", asker));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(node, $"/console/jobs/{job.Id}/{file}", auditor));
        }

        Assert.Contains(await node.AuditAsync(), entry => entry.Action == AuditAction.JobRead && entry.Actor == "auditor");
    }

    [Fact]
    public async Task Of_a_batch_each_map_has_a_line_of_the_table_and_one_of_the_picture()
    {
        await using var node = await ServingNode.StartAsync();
        var job = await DecidedJobs.RunBatchAsync(node.Services, Requester.Local.Name, DecidedJobs.Ask("a"), DecidedJobs.Ask("b"), DecidedJobs.Ask("c"));
        var page = await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop);
        Assert.Equal(3, page.Split("<circle class=\"f1\"").Length - 1);
        Assert.Contains("R of each of 3 maps with its interval: from 0.123 to 0.123.", page, StringComparison.Ordinal);
        var table = await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}/answer.csv", UriKind.Relative), Stop);
        Assert.Equal(["1,60,0.123,-0.1,0.3,0.045,,58,0.045,,,,,,,,,,,", "2,60,0.123,-0.1,0.3,0.045,,58,0.045,,,,,,,,,,,", "3,60,0.123,-0.1,0.3,0.045,,58,0.045,,,,,,,,,,,"], table.Split("\r\n")[1..4]);
    }

    [Fact]
    public async Task A_question_is_asked_again_with_all_that_it_was_asked_with()
    {
        await using var node = await ServingNode.StartAsync();
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name);
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop));
        var again = page[page.IndexOf("/console/ask?", StringComparison.Ordinal)..].Split('"')[0];
        var form = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri(again, UriKind.Relative), Stop));
        foreach (var chosen in new[] { "value=\"UPDRS_change\" selected", "value=\"STN\" selected", "value=\"pearson\" selected", "value=\"two-sided\" selected", "name=\"level:dx\" value=\"PD\" checked" })
            Assert.Contains(chosen, form, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServingNode node, string path, string key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        return answer.StatusCode;
    }
}
