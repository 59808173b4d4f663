using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Servers;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Things break, and are mended: what is said meanwhile, and that all is well afterwards. Keys that are away are <see cref="KeyLossTests"/>'.</summary>
public sealed class DrillTests : IDisposable
{
    private const string Later = "29991231235959_Later";

    private readonly TemporaryFolder _folder = new();
    private readonly string _state;

    public DrillTests() => _state = _folder.MakePrivate("state");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_database_of_a_later_version_is_refused_by_every_command_and_left_as_it_is(string provider)
    {
        var connection = provider == "postgres" ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : null;
        (string, string)[] settings = connection is null ? [] : [("Lazaret__Database__Provider", provider), ("ConnectionStrings__Lazaret", connection)];
        Assert.Equal(0, (await HostedNode.RunAsync(_state, ["migrate"], settings)).ExitCode);
        await ExecuteAsync(connection, $"INSERT INTO \"__EFMigrationsHistory\" VALUES ('{Later}', '99.0.0')");

        foreach (var command in (string[][])[["serve", "--urls", "http://127.0.0.1:0"], ["migrate"], ["models", "list"], ["keys", "init"], ["requesters", "add", "bot"], ["audit", "verify"], ["purge"], ["backup", _folder["backup"]]])
        {
            var refused = await HostedNode.RunAsync(_state, command, settings);
            Assert.True(refused.ExitCode == 3, $"{string.Join(' ', command)}: {refused.ExitCode} {refused.Output}{refused.Error}");
            var line = Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains($"the schema {Later} of a later version of Lazaret, and this is version ", line, StringComparison.Ordinal);
            Assert.Matches(@"with the schema \d{14}_\w+: install the later version, or restore the backup", line);
        }

        Assert.False(File.Exists(_folder["backup"]) || File.Exists(Path.Combine(_state, "keys.json")));
        await ExecuteAsync(connection, $"DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = '{Later}'");
        await using var mended = await HostedNode.ServeAsync(_state, settings);
    }

    [Fact]
    public async Task A_model_whose_image_is_gone_takes_no_requests_and_no_job_fails()
    {
        await SampleModel.AddAsync(_state);
        await using var node = await NodeProcess.ServeAsync(_state, ("Lazaret__Health__MeasureSeconds", "1"));
        var image = Directory.EnumerateDirectories(Path.Combine(_state, "models")).Single();
        Directory.Move(image, _folder["away"]);

        await Wait.UntilAsync(async () => !await IsAvailableAsync(node));
        using (var refused = await SampleModel.AskAsync(node))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Null(refused.Headers.RetryAfter);
            var problem = (await refused.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            Assert.Equal("urn:lazaret:problem:needs-operator", (string?)problem["type"]);
            Assert.Contains("The model sepsis is registered, and cannot be run now", (string?)problem["detail"], StringComparison.Ordinal);
        }

        var ready = JsonNode.Parse(await node.Client.GetStringAsync(new Uri("/readyz", UriKind.Relative), Stop))!;
        Assert.True((bool)ready["ready"]!);
        Assert.False((bool)ready["diagnosis"]!["ready"]!);
        Assert.Contains("sepsis@", (string?)ready["not_ready"]!["images"], StringComparison.Ordinal);
        await Wait.UntilAsync(() => node.Log.Contains("Not ready: images: ", StringComparison.Ordinal), "the line about images");
        var verify = await HostedNode.RunAsync(_state, ["models", "verify"]);
        Assert.Equal(1, verify.ExitCode);
        var doctor = await HostedNode.RunAsync(_state, ["doctor", "--json"]);
        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains("sepsis@", (string?)JsonNode.Parse(doctor.Output)!.AsArray().Single(finding => (string?)finding!["check"] == "images")!["why"], StringComparison.Ordinal);
        Directory.Move(_folder["away"], image);
        await Wait.UntilAsync(() => IsAvailableAsync(node));
        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(await SampleModel.AdmitAsync(node), "QUEUED", "PROCESSING"))["status"]);
    }

    [Fact]
    public async Task A_ring_that_cannot_be_read_is_to_be_restored_from_its_copy()
    {
        await SampleModel.AddAsync(_state);
        var ring = Path.Combine(_state, "keys.json");
        await using (var node = await NodeProcess.ServeAsync(_state))
            await node.WaitAsync(await SampleModel.AdmitAsync(node), "QUEUED", "PROCESSING");
        File.Move(ring, _folder["copy"]);
        foreach (var left in (string[])["", "{\"primary\":\"", "no ring"])
        {
            await File.WriteAllTextAsync(ring, left, Stop);
            foreach (var command in (string[][])[["serve", "--urls", "http://127.0.0.1:0"], ["keys", "rotate"]])
            {
                var refused = await HostedNode.RunAsync(_state, command);
                Assert.True(refused.ExitCode == 2, $"'{left}', {command[0]}: {refused.ExitCode} {refused.Error}");
                Assert.Contains($"{ring}: is no key ring", refused.Error, StringComparison.Ordinal);
                Assert.Contains($"put the copy of its key ring back ({ring})", refused.Error, StringComparison.Ordinal);
            }
        }

        File.Move(_folder["copy"], ring, overwrite: true);
        await using var mended = await HostedNode.ServeAsync(_state);
        Assert.Equal("COMPLETED", (string?)(await mended.WaitAsync(await SampleModel.AdmitAsync(mended), "QUEUED", "PROCESSING"))["status"]);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<bool> IsAvailableAsync(RunningNode node) =>
        (bool)JsonNode.Parse(await node.Client.GetStringAsync(new Uri("/v1/models/sepsis", UriKind.Relative), Stop))!["versions"]![0]!["available"]!;

    private async Task ExecuteAsync(string? postgres, string statement)
    {
        await using System.Data.Common.DbConnection connection = postgres is null
            ? new SqliteConnection($"Data Source={Path.Combine(_state, "lazaret.db")};Pooling=False")
            : new NpgsqlConnection($"{postgres};Pooling=false");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(Stop);
    }
}
