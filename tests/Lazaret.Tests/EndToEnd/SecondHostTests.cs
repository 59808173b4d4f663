using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A worker on another machine: it shares the database, and has a state folder of its own.</summary>
public sealed class SecondHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _first;
    private readonly string _second;

    public SecondHostTests()
    {
        _first = _folder.MakePrivate("first");
        _second = _folder.MakePrivate("second");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("database")]
    [InlineData("redis")]
    public async Task A_worker_leaves_to_others_what_its_machine_lacks_and_runs_it_once_it_is_there(string queue)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        (string, string)[] settings =
        [
            ("Lazaret__Database__Provider", "postgres"),
            ("ConnectionStrings__Lazaret", database),
            ("Lazaret__Queue__Provider", queue),
            ("Lazaret__Queue__Name", $"second-host-{Guid.NewGuid():N}"),
            ("ConnectionStrings__Redis", queue == "redis" ? (await RedisServer.SharedAsync()).ConnectionString : ""),
            ("K_MIN", "5"),
        ];
        (string, string)[] withData = [.. settings, ("DATA_VIEW", TinySite.Folder)];
        await SampleModel.AddAsync(_first, settings);
        await using var api = await HostedNode.ServeAsync(_first, "api", withData);

        // Without the ring it does not start, and makes none.
        var refused = await NodeProcess.RunAsync(_second, ["serve", "--role", "work"], settings);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("put the copy of its key ring back", Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_second, "keys.json")));

        // With it, but without the models' images and the data view, it starts, says so, and claims nothing.
        File.Copy(Path.Combine(_first, "keys.json"), Path.Combine(_second, "keys.json"));
        var paths = new List<string>();
        await using var second = await HostedNode.ServeAsync(_second, "work", settings);
        for (var i = 0; i < 3; i++)
            paths.Add(await SampleModel.AdmitAsync(api));
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using (var admitted = await api.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop))
            paths.Add(admitted.Headers.Location!.ToString());
        using (var unready = await second.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop))
        {
            Assert.Equal(HttpStatusCode.OK, unready.StatusCode);
            var readiness = (await unready.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            Assert.Contains("sepsis@1.0.0", (string?)readiness["not_ready"]!["images"], StringComparison.Ordinal);
            Assert.Equal((true, false), ((bool)readiness["admission"]!["ready"]!, (bool)readiness["diagnosis"]!["ready"]!));
        }

        var doctor = JsonNode.Parse((await HostedNode.RunAsync(_second, ["doctor", "--json"], settings)).Output)!.AsArray();
        var images = doctor.Single(finding => (string?)finding!["what"] == "images")!;
        Assert.False((bool)images["ok"]!);
        Assert.Contains("sepsis@1.0.0", (string?)images["why"], StringComparison.Ordinal);
        Assert.Contains("3 jobs wait", (string?)images["why"], StringComparison.Ordinal);

        // The first machine runs them all, each at its first attempt: the second one took none and gave none back.
        await using (await HostedNode.ServeAsync(_first, "work", withData))
        {
            foreach (var path in paths)
                Assert.True((string?)(await api.WaitAsync(path, "QUEUED", "PROCESSING", "queued", "running"))["status"] is "COMPLETED" or "done");
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using (var attempts = source.CreateCommand("SELECT max(\"Attempts\") FROM \"Jobs\""))
            Assert.Equal(1, await attempts.ExecuteScalarAsync(Stop));
        Assert.Single(second.Log.Split('\n'), line => line.Contains("left to other workers", StringComparison.Ordinal));

        // With the images it runs what it is sent, without a restart.
        foreach (var image in Directory.EnumerateDirectories(Path.Combine(_first, "models")))
            await Tool.RunAsync("cp", "-a", image, Path.Combine(_second, "models"));

        using (var ready = await second.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop))
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("COMPLETED", (string?)(await api.WaitAsync(await SampleModel.AdmitAsync(api), "QUEUED", "PROCESSING"))["status"]);
    }

    [Fact]
    public async Task A_worker_with_another_data_view_claims_no_cohort_job_until_the_views_are_the_same()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        (string, string)[] settings = [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", database), ("K_MIN", "5")];
        var view = _folder.Copy(TinySite.Folder, "view");
        var volume = Directory.EnumerateFiles(Path.Combine(view, "conn")).Order(StringComparer.Ordinal).First();
        File.Move(volume, _folder["away"]);
        await using var api = await HostedNode.ServeAsync(_first, "api", [.. settings, ("DATA_VIEW", TinySite.Folder)]);
        File.Copy(Path.Combine(_first, "keys.json"), Path.Combine(_second, "keys.json"));
        await using var second = await HostedNode.ServeAsync(_second, "work", [.. settings, ("DATA_VIEW", view)]);

        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using var admitted = await api.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        using (var unready = await second.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop))
        {
            var readiness = (await unready.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
            Assert.False((bool)readiness["cohort"]!["ready"]!);
            Assert.Contains("differ from those of the node that admits requests", (string?)readiness["not_ready"]!["data_view"], StringComparison.Ordinal);
        }

        Assert.Equal("queued", (string?)JsonNode.Parse(await api.Client.GetStringAsync(admitted.Headers.Location, Stop))!["status"]);

        // With the volume back, and a table touched so that the view is read again, it runs the job.
        File.Move(_folder["away"], volume);
        File.SetLastWriteTimeUtc(Path.Combine(view, "paths.csv"), DateTime.UnixEpoch);
        Assert.Equal("done", (string?)(await api.WaitAsync(admitted.Headers.Location!.ToString(), "queued", "running"))["status"]);
    }

    public void Dispose() => _folder.Dispose();
}
