using System.Net;
using System.Net.Http.Json;
using Lazaret.Tests.Servers;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.EndToEnd;

/// <summary><c>lazaret audit verify</c>, as an auditor sees it.</summary>
public sealed class AuditVerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Four_processes_under_load_make_one_chain()
    {
        const int Each = 250;
        // A server of its own: four processes may open as many connections as the one of all tests has.
        await using var postgres = await PostgresServer.StartAsync();
        var connection = await postgres.CreateDatabaseAsync();
        (string, string)[] settings = [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", connection)];
        var nodes = new List<NodeProcess>();
        try
        {
            for (var i = 0; i < 4; i++)
                nodes.Add(await NodeProcess.ServeAsync(_folder.Path, "api", settings));
            await Parallel.ForEachAsync(Enumerable.Range(0, 4 * Each), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Stop }, async (i, stop) =>
            {
                using var refused = await nodes[i % 4].Client.PostAsJsonAsync("/v1/diagnose", new { client_id = "bot", target_diagnosis = "nothing", fhir_bundle = new { resourceType = "Bundle" } }, stop);
                Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, await refused.Content.ReadAsStringAsync(stop));
            });
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }

        var (exitCode, output, _) = await HostedNode.RunAsync(_folder.Path, ["audit", "verify"], settings);
        Assert.Equal(0, exitCode);
        // The key that signs checkpoints and the disclosure policy have entries, too.
        Assert.StartsWith($"The chain is whole. Entries from link 1 on: {(4 * Each) + 2}, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_tampered_with_is_named()
    {
        await using (var node = await NodeProcess.ServeAsync(_folder.Path, "api"))
        {
            for (var i = 0; i < 3; i++)
            {
                using var refused = await node.Client.PostAsJsonAsync("/v1/diagnose", new { }, Stop);
                Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            }
        }

        // A copy that was kept elsewhere: this chain holds it, and one in its place does not.
        var kept = _folder["kept.ndjson"];
        File.Copy(_folder["audit-checkpoints.ndjson"], kept);
        Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["audit", "verify", "--checkpoint", kept])).ExitCode);
        using (var other = new TemporaryFolder())
        {
            Assert.Equal(0, (await HostedNode.RunAsync(other.Path, ["migrate"])).ExitCode);
            Assert.Equal(0, (await HostedNode.RunAsync(other.Path, ["audit", "verify"])).ExitCode);
            var replaced = await HostedNode.RunAsync(other.Path, ["audit", "verify", "--checkpoint", kept]);
            Assert.Equal(1, replaced.ExitCode);
            Assert.Contains("checkpoint", replaced.Output, StringComparison.Ordinal);
        }

        // A copy of another day does not replace those that the state folder keeps.
        var early = _folder["early.ndjson"];
        await File.WriteAllTextAsync(early, (await File.ReadAllLinesAsync(kept, Stop))[0] + "\n", Stop);
        await ExecuteAsync("CREATE TABLE Kept AS SELECT * FROM AuditCheckpoints; DROP TRIGGER AuditCheckpoints_NoDELETE; DELETE FROM AuditCheckpoints WHERE Number > 1");
        var removed = await HostedNode.RunAsync(_folder.Path, ["audit", "verify", "--checkpoint", early]);
        Assert.Equal(1, removed.ExitCode);
        Assert.Contains("somebody removed it", removed.Output, StringComparison.Ordinal);
        await ExecuteAsync("INSERT INTO AuditCheckpoints SELECT * FROM Kept WHERE Number > 1; DROP TABLE Kept");

        await ExecuteAsync("DROP TRIGGER Audit_NoUPDATE; UPDATE Audit SET Actor = 'somebody' WHERE Sequence = 3");
        var (exitCode, output, _) = await HostedNode.RunAsync(_folder.Path, ["audit", "verify"]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("changed: entry 3 ", output, StringComparison.Ordinal);
        var (jsonExit, json, _) = await HostedNode.RunAsync(_folder.Path, ["audit", "verify", "--json"]);
        Assert.Equal(1, jsonExit);
        Assert.Contains("\"entry\":3", json, StringComparison.Ordinal);

        // Not even the chain's beginning is left.
        await ExecuteAsync("DROP TRIGGER AuditChain_NoDELETE; DELETE FROM AuditChain");
        var emptied = await HostedNode.RunAsync(_folder.Path, ["audit", "verify"]);
        Assert.Equal((1, ""), (emptied.ExitCode, emptied.Error));
        Assert.Contains("deleted: the chain lacks its link 0", emptied.Output, StringComparison.Ordinal);
    }

    private async Task ExecuteAsync(string statements)
    {
        await using var database = new SqliteConnection($"Data Source={_folder["lazaret.db"]};Pooling=False");
        await database.OpenAsync(Stop);
        await using var command = database.CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync(Stop);
    }
}
