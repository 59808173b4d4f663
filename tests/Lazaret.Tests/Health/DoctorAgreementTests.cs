using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Tests.Http;
using Lazaret.Tests.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Health;

/// <summary>What <c>/readyz</c> of a running node and <c>lazaret doctor</c> say of the same thing.</summary>
public sealed class DoctorAgreementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_doctor_names_what_readyz_names_and_both_weigh_it_alike()
    {
        await using var redis = await RedisServer.StartAsync();
        var view = _folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(
            options => options with { State = _folder["state"], Data = new DataOptions { View = view }, Queue = new QueueOptions { Provider = QueueOptions.Redis } },
            setting: ("ConnectionStrings:Redis", redis.ConnectionString));
        await AgreeAsync();

        Directory.Move(view, _folder["away"]);
        File.Move(Path.Combine(_folder["state"], "keys.json"), _folder["keys.json"]);
        await redis.HangAsync();
        try
        {
            await AgreeAsync("data_view", "keys", "queue");
        }
        finally
        {
            await redis.GoOnAsync();
        }

        await redis.StopAsync();
        await AgreeAsync("data_view", "keys", "queue");

        async Task AgreeAsync(params string[] expected)
        {
            JsonNode ready = null!;
            List<Finding> faults = [];
            // What takes longer than a check waits for it counts as away, as a first connection to Redis may on a busy machine.
            await Wait.UntilAsync(
                async () =>
                {
                    (ready, faults) = await ExamineAsync();
                    return expected.SequenceEqual(ready["not_ready"]!.AsObject().Select(check => check.Key)) && expected.SequenceEqual(faults.Select(fault => fault.Check));
                },
                $"[{string.Join(' ', expected)}]");
            foreach (var fault in faults)
            {
                var check = ((string[])["admission", "cohort"]).Select(capability => ready[capability]!["checks"]![fault.Check]).First(check => check is not null)!;
                Assert.Equal((bool)check["needed"]!, fault.Needed);
                if (fault.Check != ReadinessChecks.Keys)
                    Assert.Equal((string?)check["why"], fault.Why);
            }
        }

        async Task<(JsonNode Ready, List<Finding> Faults)> ExamineAsync()
        {
            using var answer = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
            var ready = (await answer.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Redis", redis.ConnectionString)]).Build();
            await using var services = new ServiceCollection().AddLogging().AddLazaret(node.Options, configuration).BuildServiceProvider();
            var findings = await Examination.ExamineStoresAsync(services, node.Options, Stop);
            return (ready, [.. findings.Where(finding => finding is { IsFault: true, Check.Length: > 0 }).OrderBy(finding => finding.Check, StringComparer.Ordinal)]);
        }
    }

    [Fact]
    public async Task A_ring_that_is_put_back_by_root_becomes_the_state_folders_owners()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        File.Delete(node.Get<IKeyRingSource>().Place);
        var keys = (await Examination.ExamineStoresAsync(node.Services, node.Options, Stop)).Single(finding => finding.What == "keys file");
        Assert.False(keys.Ok);
        Assert.Contains($"install -m 600 -o {await IdAsync("-u")} -g {await IdAsync("-g")} COPY {node.Get<IKeyRingSource>().Place}", keys.Mend, StringComparison.Ordinal);

        static async Task<string> IdAsync(string what) => (await Tool.RunAsync("id", what)).Trim();
    }

    public void Dispose() => _folder.Dispose();
}
