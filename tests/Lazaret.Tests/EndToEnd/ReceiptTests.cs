using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A held result, its approval by the command, and its receipt.</summary>
public sealed class ReceiptTests : IDisposable
{
    private static readonly (string Key, string Value)[] Settings =
    [
        ("DATA_VIEW", TinySite.Folder), ("SITE_NAME", "Tiny"), ("K_MIN", "5"), .. OpenPolicy.Environment, ("Lazaret__Disclosure__Review__Projects__0", "*"),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_held_result_is_approved_by_the_command_and_its_receipt_is_checked_without_a_node()
    {
        var state = _folder.MakePrivate("state");
        string job;
        await using (var node = await HostedNode.ServeAsync(state, Settings))
        {
            using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
            using var admitted = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
            var path = admitted.Headers.Location!.ToString();
            job = path["/jobs/".Length..];
            Assert.Equal("held", (string?)(await node.WaitAsync(path, "queued", "running"))["status"]);

            var waiting = JsonNode.Parse((await RunAsync(state, "review", "list", "--json")).Output)!;
            Assert.Equal(job, (string?)Assert.Single(waiting.AsArray())!["job_id"]);
            Assert.Contains("UPDRS_change", (await RunAsync(state, "review", "show", job)).Output, StringComparison.Ordinal);
            Assert.Equal(2, (await RunAsync(state, "review", "reject", job)).ExitCode);
            Assert.Equal((0, "held\n"), Brief(await RunAsync(state, "review", "ask", job, "--why", "Which atlas?")));
            Assert.Equal("Which atlas?", (string?)(await node.WaitAsync(path))["review"]!["asked"]);
            Assert.Equal((0, "done\n"), Brief(await RunAsync(state, "review", "approve", job)));
            var done = await node.WaitAsync(path, "held", "running");
            Assert.Equal("done", (string?)done["status"]);

            await File.WriteAllTextAsync(_folder["receipt.json"], await node.Client.GetStringAsync(new Uri((string)done["receipt"]!, UriKind.Relative), Stop), Stop);
            await File.WriteAllTextAsync(_folder["keys.json"], await node.Client.GetStringAsync(new Uri("/.well-known/lazaret-keys", UriKind.Relative), Stop), Stop);
            var receipt = Read("receipt.json")["receipt"]!;
            Assert.Equal($"{done["R"]} {done["n"]} {done["data_version"]} {done["map_sha256"]}", $"{receipt["results"]![0]!["R"]} {receipt["results"]![0]!["n"]} {receipt["data_version"]} {receipt["map_sha256"]}");
            Assert.Equal(done["query"]!.ToJsonString(), receipt["results"]![0]!["query"]!.ToJsonString());
            Assert.Equal("exact", (string?)receipt["policy"]!["profile"]);
            Assert.Null(receipt["policy"]!["review"]);
        }

        // The entry that it names is the audit's.
        var entry = (await NodeProcess.RunAsync(state, ["audit", "export"], Settings)).Output.Split('\n').Select(line => line.Length == 0 ? null : JsonNode.Parse(line)).Single(entry => (string?)entry?["action"] == "result_released")!;
        Assert.Equal((long)entry["sequence"]!, (long)Read("receipt.json")["receipt"]!["audit"]!["sequence"]!);
        Assert.Equal(0, (await RunAsync(state, "audit", "verify")).ExitCode);

        // Without keys by the state folder's own; elsewhere by the keys that were kept.
        Assert.Equal(0, (await RunAsync(state, "receipt", "verify", _folder["receipt.json"])).ExitCode);
        var keyless = await NodeProcess.RunAsConfiguredAsync(_folder.Path, ["receipt", "verify", _folder["receipt.json"]]);
        Assert.Equal(2, keyless.ExitCode);
        Assert.StartsWith("lazaret: --keys: is needed", Assert.Single(keyless.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        var valid = await VerifyAsync("receipt.json");
        Assert.True(valid.ExitCode == 0 && valid.Output.StartsWith("The receipt is valid", StringComparison.Ordinal), valid.Output);
        Assert.Equal((1, "altered: receipt.results[0].R is not what was signed\n"), await VerifyAsync(Alter(root => root["receipt"]!["results"]![0]!["R"] = 0.999)));
        Assert.Equal((1, "altered: receipt.site was taken out\n"), await VerifyAsync(Alter(root => root["receipt"]!.AsObject().Remove("site"))));
        Assert.Equal((1, "altered: receipt.praise was not signed\n"), await VerifyAsync(Alter(root => root["receipt"]!["praise"] = "high")));
        Assert.StartsWith("bad signature", (await VerifyAsync(Alter(root => root["payload"] = Altered((string)root["payload"]!)))).Output, StringComparison.Ordinal);
        Assert.StartsWith("bad signature", (await VerifyAsync(Alter(root => root["signature"] = Base64Url.EncodeToString(new byte[64])))).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await VerifyAsync(Alter(root => root["protected"] = Base64Url.EncodeToString("""{"alg":"none","typ":"lazaret-receipt+json"}"""u8)))).ExitCode);
        Assert.Equal(1, (await VerifyAsync(Alter(root => root.AsObject().Remove("payload")))).ExitCode);
        Assert.Equal(2, (await VerifyAsync("nothing.json")).ExitCode);
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            var keys = Read("keys.json");
            var q = other.ExportParameters(false).Q;
            (keys["keys"]![0]!["kid"], keys["keys"]![0]!["x"], keys["keys"]![0]!["y"]) = ("another", Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
            await File.WriteAllTextAsync(_folder["other.json"], keys.ToJsonString(), Stop);
            Assert.StartsWith("unknown key", (await VerifyAsync("receipt.json", "other.json")).Output, StringComparison.Ordinal);
        }

        // As a Five Safes RO-Crate.
        Assert.Equal(0, (await RunAsync(state, "receipt", "export", job, "--ro-crate", "--out", _folder["crate.zip"])).ExitCode);
        AssertCrate(job);
        Assert.Equal(0, (await RunAsync(state, "receipt", "export", job, "--out", _folder["exported.json"])).ExitCode);
        Assert.Equal(0, (await VerifyAsync("exported.json")).ExitCode);
        Assert.Equal(2, (await RunAsync(state, "receipt", "export", $"{Guid.NewGuid()}", "--out", _folder["none.json"])).ExitCode);

        // Somebody with the database takes out the release, with all that refers to it there and beside it: the requester's receipt is what still tells.
        string[] byReceipt = ["audit", "verify", "--receipt", _folder["receipt.json"]];
        Assert.Equal(0, (await RunAsync(state, byReceipt)).ExitCode);
        Assert.Equal(2, (await RunAsync(state, "audit", "verify", "--receipt", _folder[Alter(root => root["receipt"]!["audit"]!["link"] = 1)])).ExitCode);
        await CutAsync(state, (long)entry["sequence"]!);
        Assert.Equal(0, (await RunAsync(state, "audit", "verify")).ExitCode);
        var cut = Brief(await RunAsync(state, byReceipt));
        Assert.Equal(1, cut.ExitCode);
        Assert.Matches($@"^cut: link \d+ \(entry {entry["sequence"]}\), which the receipt {_folder["receipt.json"]} has, is missing\n", cut.Output);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task CutAsync(string state, long sequence)
    {
        File.Delete(Path.Combine(state, "audit-checkpoints.ndjson"));
        await using var database = new SqliteConnection($"Data Source={Path.Combine(state, "lazaret.db")};Pooling=False;Foreign Keys=False");
        await database.OpenAsync(Stop);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT group_concat('DROP TRIGGER \"' || name || '\"', ';') FROM sqlite_master WHERE type = 'trigger'";
        command.CommandText = $"""
            {await command.ExecuteScalarAsync(Stop)};
            DELETE FROM AuditCheckpoints WHERE Number >= (SELECT Number FROM AuditChain WHERE Sequence = {sequence});
            DELETE FROM AuditChain WHERE Sequence >= {sequence};
            DELETE FROM Audit WHERE Sequence >= {sequence};
            UPDATE sqlite_sequence SET seq = {sequence - 1} WHERE name = 'Audit';
            DELETE FROM Jobs;
            DELETE FROM Runs;
            """;
        await command.ExecuteNonQueryAsync(Stop);
    }

    private void AssertCrate(string job)
    {
        using var zip = ZipFile.OpenRead(_folder["crate.zip"]);
        var files = zip.Entries.ToDictionary(entry => entry.FullName[$"receipt-{job}/".Length..], entry =>
        {
            using var bytes = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        });
        foreach (var line in new[] { "manifest-sha512.txt", "tagmanifest-sha512.txt" }.SelectMany(name => Encoding.UTF8.GetString(files[name]).Split('\n', StringSplitOptions.RemoveEmptyEntries)))
            Assert.Equal(line.Split("  ")[0], Convert.ToHexStringLower(SHA512.HashData(files[line.Split("  ")[1]])));
        var graph = JsonNode.Parse(files["data/ro-crate-metadata.json"])!["@graph"]!.AsArray().ToDictionary(entity => (string)entity!["@id"]!, entity => entity!);
        var root = graph["./"];
        Assert.Equal("https://w3id.org/5s-crate/0.4", (string?)root["conformsTo"]!["@id"]);
        // Whatever is named by a relative id is there.
        foreach (var named in new[] { "mentions", "hasPart" }.SelectMany(member => root[member]!.AsArray()).Append(root["mainEntity"]).Append(root["sourceOrganization"]).Append(root["publisher"]))
            Assert.Contains((string)named!["@id"]!, graph.Keys);
        Assert.Equal("CreateAction", (string?)graph[$"#run-{job}"]["@type"]);
        Assert.Contains("data/outputs/receipt.json", files.Keys);
    }

    private JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(_folder[file]))!;

    private string Alter(Action<JsonNode> change)
    {
        var root = Read("receipt.json");
        change(root);
        File.WriteAllText(_folder["altered.json"], root.ToJsonString());
        return "altered.json";
    }

    private static string Altered(string payload) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload)).Replace("\"Tiny\"", "\"Huge\"", StringComparison.Ordinal)));

    // In a folder that knows no node.
    private async Task<(int ExitCode, string Output)> VerifyAsync(string file, string keys = "keys.json") =>
        Brief(await NodeProcess.RunAsConfiguredAsync(_folder.Path, ["receipt", "verify", _folder[file], "--keys", _folder[keys]]));

    private static (int ExitCode, string Output) Brief((int ExitCode, string Output, string Error) ran) => (ran.ExitCode, ran.Output);

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(string state, params string[] arguments) => HostedNode.RunAsync(state, arguments, Settings);
}
