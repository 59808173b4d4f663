using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What others make of the interface's description: <c>./test</c> fetches their programs from npm into the folder <c>LAZARET_API_CLIENTS</c>.</summary>
public sealed class GeneratedClientTests(OpenApiTests.Hospital hospital) : IClassFixture<OpenApiTests.Hospital>
{
    private const string NodeJs = "/usr/bin/node";

    private static readonly string Packages = Path.Combine(Environment.GetEnvironmentVariable("LAZARET_API_CLIENTS") ?? Repository.File("artifacts", "api-clients"), "node_modules");
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "EndToEnd", "data", "interface");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redocly_has_nothing_to_say_of_the_description()
    {
        using var folder = new TemporaryFolder();
        var document = await DescribeAsync(folder);
        await Tool.RunAsync(
            "/usr/bin/env", "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true",
            NodeJs, Script("@redocly", "cli", "bin", "cli.js"), "lint", document, "--config", Path.Combine(Data, "redocly.yaml"));
    }

    [Fact]
    public async Task A_generated_TypeScript_client_compiles_and_runs_a_negotiation_a_diagnosis_and_a_cohort_job()
    {
        using var folder = new TemporaryFolder();
        await Tool.RunAsync(NodeJs, Script("openapi-typescript", "bin", "cli.js"), await DescribeAsync(folder), "--output", folder["schema.d.ts"]);
        File.CreateSymbolicLink(folder["node_modules"], Packages);
        File.Copy(Path.Combine(Data, "client.ts"), folder["client.ts"]);
        await File.WriteAllTextAsync(folder["package.json"], """{"type":"module"}""", Stop);
        await File.WriteAllTextAsync(folder["run.js"], """
            import { readFileSync } from "node:fs";
            import { run } from "./client.js";
            console.log(JSON.stringify(await run(JSON.parse(readFileSync(process.argv[2], "utf8")))));
            """, Stop);
        await File.WriteAllTextAsync(folder["given.json"], new JsonObject
        {
            ["url"] = hospital.Node.Client.BaseAddress!.ToString().TrimEnd('/'),
            ["whole"] = SampleModel.Request(SampleBundles.Septic)["fhir_bundle"]!.DeepClone(),
            ["lacking"] = SampleModel.Request(SampleBundles.Septic, "8310-5")["fhir_bundle"]!.DeepClone(),
            ["map"] = Convert.ToBase64String(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop)),
        }.ToJsonString(), Stop);
        await Tool.RunAsync(
            NodeJs, Script("typescript", "lib", "tsc.js"), "--strict", "--noEmitOnError",
            "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable", folder["client.ts"]);

        var said = await Tool.RunAsync(NodeJs, folder["run.js"], folder["given.json"]);

        Assert.Equal(
            """{"missing":["8310-5 absent Cel"],"outcome":"OperationOutcome","diagnosis":"POSITIVE","guidance":"success","sizes":{"visit":2,"dx":2,"age":4,"sex":2},"n":25,"status":"done"}""",
            said.Trim());
    }

    private async Task<string> DescribeAsync(TemporaryFolder folder)
    {
        var file = folder["openapi.json"];
        await File.WriteAllTextAsync(file, await hospital.Node.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Stop), Stop);
        return file;
    }

    private static string Script(params string[] path)
    {
        ServerProcess.Require(NodeJs, "nodejs");
        var script = Path.Combine([Packages, .. path]);
        Assert.SkipUnless(File.Exists(script) || Environment.GetEnvironmentVariable("CI") == "true", $"there is no {script}: ./test fetches it from npm");
        return script;
    }
}
