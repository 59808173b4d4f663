using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Models;
using Lazaret.Node.Programs;
using Lazaret.Tests.Models;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Files that a stranger left where the built binary reads: pipes, devices, depth without end, text that steers a terminal.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const int Patience = 60_000;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory(Timeout = Patience)]
    [InlineData("fhir", "validate", "FILE")]
    [InlineData("nifti", "info", "FILE")]
    [InlineData("nifti", "resample", "FILE", "--onto", "FILE", "--out", "out.nii")]
    [InlineData("models", "add", "FILE")]
    [InlineData("analyses", "add", "FILE")]
    [InlineData("models", "negotiate", "FILE", "FILE")]
    [InlineData("restore", "FILE")]
    [InlineData("cohort", "run", "--map", "FILE", "--outcome", "UPDRS_change")]
    public async Task A_command_does_not_wait_at_a_pipe_nor_read_a_device(params string[] arguments)
    {
        foreach (var file in (string[])[_folder.MakePipe("pipe"), "/dev/zero"])
        {
            var run = await NodeProcess.RunAsync(
                _folder.Path, [.. arguments.Select(argument => argument == "FILE" ? file : argument)], ("DATA_VIEW", TinySite.Folder));
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("no regular file", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            File.Delete(_folder["pipe"]);
        }
    }

    [Theory(Timeout = Patience)]
    [InlineData("appsettings.json", 2)]
    [InlineData("appsettings.Test.json", 2)]
    [InlineData("keys.json", 3)]
    public async Task A_pipe_in_the_place_of_a_file_of_the_nodes_is_one_line(string name, int exitCode)
    {
        Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["migrate"])).ExitCode);
        var file = _folder.MakePipe(name);
        var run = await NodeProcess.RunAsync(_folder.Path, ["keys", "rotate"]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains($"{file}", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("is no regular file", run.Error, StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("{\"Lazaret\":{\n  \"Site\": }}", "line 2, column 11: not JSON")]
    [InlineData("[1]", "must be an object")]
    public async Task An_appsettings_file_that_is_none_is_named_with_its_place(string text, string why)
    {
        _folder.Write("appsettings.json", text);
        var run = await NodeProcess.RunAsync(_folder.Path, ["migrate"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{_folder["appsettings.json"]}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Byte_order_marks_are_read_and_other_encodings_are_named()
    {
        File.WriteAllText(_folder["appsettings.json"], "\ufeff{\"Lazaret\":{\"Site\":{\"Name\":\"x\"}}}");
        File.WriteAllText(_folder["patient.json"], "\ufeff{\"resourceType\":\"Patient\"}");
        var sound = await NodeProcess.RunAsync(_folder.Path, ["fhir", "validate", "patient.json"]);
        Assert.Equal((0, "patient.json: valid\n"), (sound.ExitCode, sound.Output));
        Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["migrate"])).ExitCode);

        File.WriteAllText(_folder["patient.json"], "{\"resourceType\":\"Patient\"}", Encoding.Unicode);
        var wide = await NodeProcess.RunAsync(_folder.Path, ["fhir", "validate", "patient.json"]);
        Assert.Equal((2, "lazaret: patient.json: is UTF-16: FHIR's JSON is UTF-8\n"), (wide.ExitCode, wide.Error));
    }

    [Fact(Timeout = Patience)]
    public async Task Json_holds_hostile_text_in_its_own_escapes()
    {
        var name = "a\u202e\u001b[2J.json";
        File.WriteAllText(_folder[name], "{}");
        var run = await NodeProcess.RunAsync(_folder.Path, ["fhir", "validate", "--json", name]);
        AssertPlain(run.Output);
        Assert.Equal(name, (string?)JsonNode.Parse(run.Output)!["file"]);
    }

    [Theory(Timeout = Patience)]
    [InlineData("pipe")]
    [InlineData("/dev/zero")]
    [InlineData("deep")]
    [InlineData("alias")]
    public async Task A_hostile_site_yaml_neither_hangs_nor_ends_the_node(string kind)
    {
        // A copy: what a link leads to could lie where nothing may be shown, below root's home say.
        var view = _folder.Copy(TinySite.Folder, "view");
        File.Delete(Path.Combine(view, "site.yaml"));
        await using var node = await HostedNode.ServeAsync(_folder.Path, "api", ("DATA_VIEW", view));

        if (kind == "pipe")
            _folder.MakePipe("view/site.yaml");
        else if (kind.StartsWith('/'))
            File.CreateSymbolicLink(_folder["view/site.yaml"], kind);
        else
            _folder.Write("view/site.yaml", kind == "deep" ? new string('[', 195 << 10) : $"a0: &a0 [x]\n{string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"))}? *a11\n: 1\n");

        // What may be asked is not known: nobody is told that their question is wrong.
        foreach (var (path, status) in new[] { ("/catalog/variables", HttpStatusCode.ServiceUnavailable), ("/readyz", HttpStatusCode.OK), ("/healthz", HttpStatusCode.OK) })
        {
            using var answer = await node.Client.GetAsync(new Uri(path, UriKind.Relative), Stop);
            Assert.Equal(status, answer.StatusCode);
            if (path == "/readyz")
                Assert.False((bool)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["cohort"]!["ready"]!);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_stranger_wrote_reaches_the_terminal_as_text()
    {
        var name = "d\u001b[31m\u009b2J\u202ex";
        _folder.Write("site/subjects.csv", $"subject_id,visit,{name},{name},\"a\nb\",\"a\nb\"\na,1,x,x,x,x\n");
        _folder.Write("site/outcomes.csv", $"subject_id,visit,{name}\na,1,q\n");
        _folder.Write("site/paths.csv", $"subject_id,visit,conn_path,{name}\na,1,none.nii,x\n");
        _folder.Write($"site/masks/{name}\n", "");
        var check = await NodeProcess.RunAsync(_folder.Path, ["site", "check", _folder["site"]]);
        AssertPlain(check.Output + check.Error);
        Assert.Contains("subjects.csv:1:4: a second column d\\u{001B}[31m\\u{009B}2J\\u{202E}x", check.Output, StringComparison.Ordinal);

        foreach (var manifest in (string[])[$"name: \"{name.Replace("\u001b", "\\e", StringComparison.Ordinal)}\"", $"\"{name.Replace("\u001b", "\\e", StringComparison.Ordinal)}\": x", $"name: {name}"])
        {
            var file = TinyModel.Write(_folder, "1.0.0");
            await File.AppendAllTextAsync(file, $"\n{manifest}\n", Stop);
            var add = await NodeProcess.RunAsync(_folder.Path, ["models", "add", file]);
            Assert.Equal(2, add.ExitCode);
            AssertPlain(add.Error);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task A_manifest_that_is_in_the_registry_all_the_same_is_shown_as_text()
    {
        await using var node = await TestNode.StartAsync(new NodeOptions());
        var file = TinyModel.Write(_folder, "1.0.0");
        var text = $"{await File.ReadAllTextAsync(file, Stop)}\nname: \"a\\e[31m\\u202e[red]b\" # \u001b]0;owned\u0007\r\n";
        await node.Get<ModelRegistry>().AddAsync(file, Stop);
        // By another way than 'models add', which refuses it.
        var stored = text.Replace("\u001b", "\u202e", StringComparison.Ordinal).Replace("\u0007", "", StringComparison.Ordinal);
        await using (var db = node.Open())
            await db.Programs.ExecuteUpdateAsync(row => row.SetProperty(program => program.Manifest, stored), Stop);

        foreach (var arguments in (string[][])[["models", "list"], ["models", "show", "sepsis"], ["models", "verify"]])
        {
            var run = await NodeProcess.RunAsync(node.Options.State, arguments);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            AssertPlain(run.Output);
            if (arguments[1] == "list")
                Assert.Contains("a\\u{001B}[31m\\u{202E}[red]b", run.Output, StringComparison.Ordinal);
        }
    }

    private static void AssertPlain(string printed) => Assert.Null(Lazaret.Cohort.Files.PlainText.FindUnplain(printed, "\n\t"));

    public void Dispose() => _folder.Dispose();
}
