using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What the built binary leaves on the disk.</summary>
public sealed class DataAtRestTests : IDisposable
{
    private const string Temperature = "39.9713184";

    // 271828182845 * 3, computed by the model: it stands in no manifest.
    private const string Score = "815484548535";

    private readonly TemporaryFolder _folder = new();
    private readonly string _state;

    public DataAtRestTests() => _state = _folder.MakePrivate("state");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task Nothing_of_a_map_or_a_patient_lies_anywhere_in_clear_also_after_a_crash() => CrashAsync([], files: null);

    [Fact]
    public async Task Nor_in_the_files_of_PostgreSQL()
    {
        var server = await PostgresServer.SharedAsync();
        await CrashAsync([("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", await server.CreateDatabaseAsync())], server.Data);
    }

    [Fact]
    public async Task Keys_rotate_while_the_node_runs_and_a_rotation_that_was_killed_is_continued()
    {
        await SampleModel.AddAsync(_state);
        await using var node = await NodeProcess.ServeAsync(_state);
        var before = await DiagnoseAsync(node);

        await using var services = Open([]);
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var (guard, seal) = (services.GetRequiredService<KeyGuard>(), services.GetRequiredService<RecordSeal>());
        var old = (await guard.StartAsync(Stop)).Primary.Id;
        for (var i = 0; i < 3000; i++)
        {
            var job = Job.Admit(JobKind.Cohort, "local", "{}", "", idempotencyKey: null, TimeProvider.System.GetUtcNow());
            job.Cancel(TimeProvider.System.GetUtcNow());
            db.Jobs.Add(job);
            db.Payloads.Add(Payload.Of(job.Id, PayloadName.Input, job.Id.ToByteArray(), seal));
        }

        await db.SaveChangesAsync(Stop);
        var records = services.GetRequiredService<SealedRecords>();
        await NodeProcess.KillWhenAsync(async () => await records.CountNotUnderAsync(old, Stop) > 100, _state, ["keys", "rotate"]);
        var primary = (await guard.RequireAsync(Stop)).Primary.Id;
        Assert.NotEqual(old, primary);
        Assert.True(await records.CountNotUnderAsync(primary, Stop) > 0, "the rotation was over before it was killed");

        var again = await HostedNode.RunAsync(_state, ["keys", "rotate"]);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("continued: ", again.Output, StringComparison.Ordinal);
        Assert.Contains(primary, again.Output, StringComparison.Ordinal);
        Assert.Equal(0, await records.CountNotUnderAsync(primary, Stop));

        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(before))["status"]);
        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(await DiagnoseAsync(node)))["status"]);
        Assert.Equal(0, await records.CountNotUnderAsync(primary, Stop));
        Assert.Equal(1, (await HostedNode.RunAsync(_state, ["keys", "rotate", "--retire"])).ExitCode);
    }

    [Fact]
    public async Task A_result_that_was_purged_is_gone_and_said_to_be()
    {
        await SampleModel.AddAsync(_state);
        await using var node = await NodeProcess.ServeAsync(_state);
        var path = await DiagnoseAsync(node);

        var look = await HostedNode.RunAsync(_state, ["purge", "--dry-run"], ("Lazaret__Retention__ResultDays", "0"));
        Assert.Equal(0, look.ExitCode);
        Assert.Matches(@"Results\W+0\W+1\W", look.Output);
        Assert.Matches(@"Inputs\W+1\W+0\W", look.Output);
        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(path))["status"]);

        var purged = await HostedNode.RunAsync(_state, ["purge"], ("Lazaret__Retention__ResultDays", "0"));
        // The result, and what it rests on.
        Assert.EndsWith("Records deleted: 2\n", purged.Output, StringComparison.Ordinal);
        using var gone = await node.Client.GetAsync(new Uri(path, UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Equal("urn:lazaret:problem:result-expired", (string?)(await gone.Content.ReadFromJsonAsync<JsonNode>(Stop))!["type"]);
        var guidance = await node.Client.GetFromJsonAsync<JsonNode>($"/fhir/GuidanceResponse/{path.Split('/')[^1]}", Stop);
        Assert.Equal("failure", (string?)guidance!["status"]);
        Assert.Contains("expired", guidance.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_is_made_once_and_the_doctor_sees_it()
    {
        var made = await HostedNode.RunAsync(_state, ["keys", "init"]);
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_state, "keys.json")));
        var ring = await File.ReadAllTextAsync(Path.Combine(_state, "keys.json"), Stop);
        var again = await HostedNode.RunAsync(_state, ["keys", "init"]);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("is there already", again.Error, StringComparison.Ordinal);
        Assert.Equal(ring, await File.ReadAllTextAsync(Path.Combine(_state, "keys.json"), Stop));

        var doctor = JsonNode.Parse((await HostedNode.RunAsync(_state, ["doctor", "--json"])).Output)!.AsArray();
        var keys = doctor.Single(finding => (string?)finding!["what"] == "keys file")!;
        Assert.True((bool)keys["ok"]!);
        Assert.Contains((string)JsonNode.Parse(ring)!["primary"]!, (string?)keys["why"], StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task CrashAsync((string Key, string Value)[] database, string? files)
    {
        // The model prints what it was given, so that the log holds it, too.
        var model = ShellModel.Write(
            _folder.Path,
            "leaky",
            """/bin/busybox cat "$INPUT_JSON"; /bin/busybox sleep 2; echo "{\"score\":$((271828182845 * 3))}" > "$OUT_JSON" """,
            "{observations: [{code: 8310-5, display: Body temperature, unit: Cel, mandatory: true, max_age: P1D}]}",
            "{score: {type: number}}");
        var added = await HostedNode.RunAsync(_state, ["models", "add", model], database);
        Assert.True(added.ExitCode == 0, added.Error);
        (string, string)[] settings = [.. database, ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), ("Lazaret__Jobs__LeaseSeconds", "2"), ("Logging__LogLevel__Default", "Trace")];
        var packed = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        var plain = await File.ReadAllBytesAsync(TinySite.Map("other.nii"), Stop);

        var paths = new List<string>();
        string log;
        await using (var first = await NodeProcess.ServeAsync(_state, settings))
        {
            foreach (var map in (byte[][])[packed, plain])
            {
                using var form = TinySite.Form(map, ("outcome", "UPDRS_change"));
                using var admitted = await first.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
                Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
                paths.Add(admitted.Headers.Location!.ToString());
            }

            using var diagnosis = await first.Client.PostAsJsonAsync("/v1/diagnose", new JsonObject
            {
                ["client_id"] = "bot",
                ["target_diagnosis"] = "leaky",
                ["fhir_bundle"] = JsonNode.Parse(SampleBundles.Render(
                    SampleBundles.Septic with { Id = "patient-qvzx", Temperature = decimal.Parse(Temperature, System.Globalization.CultureInfo.InvariantCulture) }, TimeProvider.System.GetUtcNow())),
            }, Stop);
            Assert.Equal(HttpStatusCode.Accepted, diagnosis.StatusCode);
            paths.Add(diagnosis.Headers.Location!.ToString());
            await first.WaitAsync(paths[^1], "QUEUED");
            await first.KillAsync();
            log = first.Log;
            AssertNothingInClear(files, packed, plain);
        }

        await using (var second = await NodeProcess.ServeAsync(_state, settings.Where(setting => setting.Item1 != "Lazaret__Jobs__LeaseSeconds")))
        {
            foreach (var path in paths)
            {
                var job = await second.WaitAsync(path, "QUEUED", "PROCESSING", "queued", "running");
                Assert.True((string?)job["status"] is "done" or "COMPLETED", job.ToJsonString());
            }

            log += second.Log;
            AssertNothingInClear(files, packed, plain);
        }

        Assert.DoesNotContain(Temperature, log, StringComparison.Ordinal);
        Assert.DoesNotContain(Score, log, StringComparison.Ordinal);
        AssertNothingInClear(files, packed, plain);

        // It was stored, and the ring opens it.
        await using var services = Open(database);
        await using var db = await services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var payloads = await db.Payloads.AsNoTracking().ToListAsync(Stop);
        var contents = payloads.ToLookup(payload => payload.Name, payload => payload.Open(services.GetRequiredService<RecordSeal>()));
        Assert.Contains(contents[PayloadName.Input], content => content.AsSpan().SequenceEqual(packed));
        Assert.Contains(contents[PayloadName.Input], content => Encoding.UTF8.GetString(content).Contains(Temperature, StringComparison.Ordinal));
        Assert.Contains(contents[PayloadName.Log], content => Encoding.UTF8.GetString(content).Contains(Temperature, StringComparison.Ordinal));
        Assert.Contains(contents[PayloadName.Result], content => Encoding.UTF8.GetString(content).Contains(Score, StringComparison.Ordinal));
    }

    private static async Task<string> DiagnoseAsync(NodeProcess node)
    {
        var path = await SampleModel.AdmitAsync(node);
        await node.WaitAsync(path, "QUEUED", "PROCESSING");
        return path;
    }

    /// <summary>The same state folder, from this process.</summary>
    private ServiceProvider Open((string Key, string Value)[] database)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(database.Select(setting => KeyValuePair.Create<string, string?>(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value)))
            .Build();
        return new ServiceCollection()
            .AddLogging()
            .AddLazaret(LazaretConfiguration.Read(configuration) with { State = _state }, configuration)
            .BuildServiceProvider();
    }

    private void AssertNothingInClear(string? database, params byte[][] maps)
    {
        // Some bytes out of each map's middle, where no two maps are alike.
        var planted = maps.Select(map => map.AsSpan(map.Length / 2, 24).ToArray())
            .Append(Encoding.UTF8.GetBytes(Temperature))
            .Append(Encoding.UTF8.GetBytes(Score))
            .Append(Encoding.UTF8.GetBytes("patient-qvzx"))
            .ToList();
        string[] folders = database is null ? [_state] : [_state, database];
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            // A registered image holds its programs alone.
            if (file.StartsWith(Path.Combine(_state, "models"), StringComparison.Ordinal))
                continue;
            var bytes = Read(file);
            foreach (var secret in planted)
                Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"{Encoding.Latin1.GetString(secret)} lies in {file}");
        }
    }

    // A server deletes and recycles files of its own meanwhile.
    private static byte[] Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
