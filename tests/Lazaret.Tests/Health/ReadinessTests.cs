using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Node.Storage;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Http;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Health;

public sealed class ReadinessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_data_view_that_is_away_leaves_the_diagnosis_and_the_balancer_as_they_are()
    {
        var view = _folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = view } });
        var (status, before) = await AskAsync(node.Client);
        Assert.Equal((HttpStatusCode.OK, "admission cohort diagnosis"), (status, Ready(before)));

        Directory.Move(view, _folder["away"]);
        var (without, answer) = await AskAsync(node.Client);
        Assert.Equal((HttpStatusCode.OK, "admission diagnosis"), (without, Ready(answer)));
        Assert.Equal(["data_view"], answer["not_ready"]!.AsObject().Select(fault => fault.Key));
        Assert.False((bool)answer["cohort"]!["checks"]!["data_view"]!["ok"]!);

        Directory.Move(_folder["away"], view);
        Assert.Equal("admission cohort diagnosis", Ready((await AskAsync(node.Client)).Answer));
    }

    [Fact]
    public async Task An_api_that_lacks_an_image_refuses_diagnoses_and_says_so()
    {
        await using var node = await ServingNode.StartAsync();
        var images = node.Services.GetRequiredService<StateFolder>().Models;
        Directory.Move(images, _folder["away"]);
        Directory.CreateDirectory(images);
        var (status, answer) = await AskAsync(node.Client);
        Assert.Equal((HttpStatusCode.OK, "admission cohort"), (status, Ready(answer)));
        Assert.Contains(ServingNode.Model, (string?)answer["not_ready"]!["images"], StringComparison.Ordinal);
        Directory.Delete(images);
        Directory.Move(_folder["away"], images);
        Assert.Equal("admission cohort diagnosis", Ready((await AskAsync(node.Client)).Answer));
    }

    [Fact]
    public async Task After_a_run_that_could_not_be_started_the_sandbox_is_tried_again()
    {
        await using var node = await TestNode.StartAsync(new NodeOptions { Sandbox = new SandboxOptions { Backend = "bubblewrap" } });
        var (readiness, means) = (node.Get<ReadinessExamination>(), node.Get<WorkerMeans>());
        means.SandboxFault = "it did not start";
        Assert.True((await readiness.RunAsync(NodeRole.All, Stop)).Diagnosis.Checks["sandbox"].Ok);
        Assert.Null(means.SandboxFault);
    }

    [Fact]
    public async Task A_sandbox_that_stays_broken_is_told_with_what_the_run_said_and_what_it_says_now()
    {
        await using var node = await TestNode.StartAsync(new NodeOptions { Sandbox = new SandboxOptions { Backend = "microvm", MicroVm = new MicroVmOptions { Driver = MicroVmOptions.Firecracker } } });
        node.Get<WorkerMeans>().SandboxFault = "it did not start";
        var readiness = await node.Get<ReadinessExamination>().RunAsync(NodeRole.Work, Stop);
        Assert.False(readiness.Diagnosis.Ready || readiness.Cohort.Ready);
        Assert.True(readiness.Admission.Ready);
        Assert.StartsWith("the last run could not be started (it did not start), and the sandbox does not start now: ", readiness.NotReady["sandbox"], StringComparison.Ordinal);
        Assert.Contains("Lazaret:Sandbox:Backend is microvm, which does not run on this machine", readiness.NotReady["sandbox"], StringComparison.Ordinal);
        Assert.NotNull(node.Get<WorkerMeans>().SandboxFault);
    }

    [Fact]
    public async Task A_site_without_a_data_view_by_choice_lacks_nothing()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = "" } });
        var (status, answer) = await AskAsync(node.Client);
        Assert.Equal((HttpStatusCode.OK, "admission diagnosis"), (status, Ready(answer)));
        Assert.False((bool)answer["cohort"]!["used"]!);
        Assert.Empty(answer["not_ready"]!.AsObject());
    }

    [Fact]
    public async Task A_node_that_can_admit_nothing_is_not_ready()
    {
        await using var full = await ServingNode.StartAsync(options => options with { Health = new HealthOptions { MinimumFreeMiB = 1 << 20 } });
        var (status, answer) = await AskAsync(full.Client);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (status, Ready(answer)));
        Assert.Contains("MiB are free", (string?)answer["not_ready"]!["disk"], StringComparison.Ordinal);

        await using var node = await ServingNode.StartAsync();
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop))
            await db.Database.ExecuteSqlRawAsync("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0')", Stop);
        (status, answer) = await AskAsync(node.Client);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (status, Ready(answer)));
        Assert.Contains("later version", (string?)answer["not_ready"]!["schema"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_is_probed_at_its_configured_address()
    {
        var port = ServerProcess.FreePort();
        var state = _folder.MakePrivate("state");
        await using var worker = await NodeProcess.ServeAsConfiguredAsync(
            _folder.Path, ["serve", "--role", "work"], ("WORK_DIR", state), ("DATA_VIEW", TinySite.Folder), ("Lazaret__Health__WorkerUrls", $"http://127.0.0.1:{port}"));
        Assert.Equal(port, worker.Client.BaseAddress!.Port);
        // The first reading of the data may take longer than a probe waits for it.
        JsonNode answer = null!;
        await Wait.UntilAsync(
            async () =>
            {
                (var status, answer) = await AskAsync(worker.Client);
                return status == HttpStatusCode.OK && Ready(answer) == "admission cohort diagnosis";
            },
            "a worker that is ready");
        Assert.True((bool)answer["diagnosis"]!["checks"]!["sandbox"]!["ok"]!);
        foreach (var path in (string[])["/healthz", "/metrics"])
            Assert.Equal(HttpStatusCode.OK, (await worker.Client.GetAsync(new Uri(path, UriKind.Relative), Stop)).StatusCode);
        // Probes come every few seconds, for ever.
        Assert.DoesNotContain("readyz", worker.Log, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> AskAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal(answer.StatusCode == HttpStatusCode.OK, (bool)body["ready"]!);
        return (answer.StatusCode, body);
    }

    private static string Ready(JsonNode answer) => string.Join(' ', ((string[])["admission", "cohort", "diagnosis"]).Where(name => (bool)answer[name]!["ready"]!));
}
