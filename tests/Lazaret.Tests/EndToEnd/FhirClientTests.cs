using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The FHIR libraries that JavaScript programs use, as npm has them: <c>./test</c> fetches them into the folder <c>LAZARET_FHIR_CLIENTS</c>.</summary>
public sealed class FhirClientTests(DiagnosisJobTests.Ward ward) : IClassFixture<DiagnosisJobTests.Ward>
{
    private const string Node = "/usr/bin/node";

    private static readonly string Packages = Environment.GetEnvironmentVariable("LAZARET_FHIR_CLIENTS") ?? Repository.File("artifacts", "fhir-clients");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fhir_kit_client_reads_the_capabilities_evaluates_and_follows_the_asynchronous_pattern()
    {
        var said = await RunAsync("""
            const Client = require("fhir-kit-client");
            const client = new Client({ baseUrl: given.url + "/fhir" });
            const capabilities = await client.capabilityStatement();
            said.fhirVersion = capabilities.fhirVersion;
            said.library = (await client.read({ resourceType: "Library", id: "sepsis" })).name;
            said.needs = (await client.operation({ resourceType: "Library", id: "sepsis", name: "data-requirements", method: "GET" })).dataRequirement.length;
            const parameters = (bundle) => ({ resourceType: "Parameters", parameter: [{ name: "subject", valueString: "Patient/septic" }, { name: "data", resource: bundle }] });
            const evaluate = (input, options) => client.operation({ resourceType: "Library", id: "sepsis", name: "evaluate", input, options });
            const lacking = await evaluate(parameters(given.lacking));
            said.lacking = [lacking.status, lacking.dataRequirement[0].codeFilter[0].code[0].code];
            const whole = await evaluate(parameters(given.bundle));
            said.whole = [whole.status, whole.subject.reference, whole.contained.find((one) => one.resourceType === "Parameters").parameter.find((one) => one.name === "diagnosis").valueString];
            try { await evaluate(parameters({ resourceType: "Bundle", type: "collection", entry: [{ resource: { resourceType: "Patient", id: "other" } }] })); }
            catch (error) { said.stranger = [error.response.status, error.response.data.resourceType]; }
            const accepted = await evaluate(given.bundle, { headers: { Prefer: "respond-async" } });
            const { response } = Client.httpFor(accepted);
            said.accepted = response.status;
            const status = response.headers.get("content-location");
            for (;;) {
              const poll = await client.request(status, { method: "GET" });
              if (Client.httpFor(poll).response.status === 200) { said.later = (await client.request(poll.output[0].url)).status; break; }
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
            """);
        Assert.Equal(
            """{"fhirVersion":"4.0.1","library":"Model_sepsis","needs":7,"lacking":["data-required","8310-5"],"whole":["success","Patient/septic","POSITIVE"],"stranger":[422,"OperationOutcome"],"accepted":202,"later":"success"}""",
            said.ToJsonString());
    }

    [Fact]
    public async Task Fhirclient_reads_evaluates_and_withdraws()
    {
        var said = await RunAsync("""
            const { default: Client } = require("fhirclient/lib/Client");
            const adapter = { getSmartApi() { return {}; }, getAbortController() { return AbortController; }, base64decode(text) { return Buffer.from(text, "base64").toString(); } };
            const client = new Client(adapter, { serverUrl: given.url + "/fhir" });
            said.release = await client.getFhirRelease();
            said.library = (await client.request("Library/sepsis")).resourceType;
            const guidance = await client.request({ url: "Library/sepsis/$evaluate", method: "POST", headers: { "content-type": "application/fhir+json" }, body: JSON.stringify(given.bundle) });
            said.status = guidance.status;
            const { response } = await client.request({ url: "Library/sepsis/$evaluate", method: "POST", headers: { "content-type": "application/fhir+json", prefer: "respond-async" }, body: JSON.stringify(given.bundle), includeResponse: true });
            said.accepted = response.status;
            const withdrawn = await client.request({ url: response.headers.get("content-location"), method: "DELETE", includeResponse: true }).then((answer) => answer.response.status, (error) => error.statusCode || error.status);
            said.withdrawn = [202, 409].includes(withdrawn);
            """);
        Assert.Equal("""{"release":4,"library":"Library","status":"success","accepted":202,"withdrawn":true}""", said.ToJsonString());
    }

    private async Task<JsonNode> RunAsync(string script)
    {
        ServerProcess.Require(Node, "nodejs");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Packages, "node_modules", "fhir-kit-client")), $"npm install --prefix {Packages} fhir-kit-client@1.9.2 fhirclient@2.6.3");
        using var folder = new TemporaryFolder();
        var file = folder["script.cjs"];
        await File.WriteAllTextAsync(file, $$"""
            const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
            const said = {};
            (async () => {
            {{script}}
            console.log(JSON.stringify(said));
            })().catch((error) => { console.error(error); process.exit(1); });
            """, Stop);
        var start = new ProcessStartInfo(Node, [file]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["NODE_PATH"] = Path.Combine(Packages, "node_modules");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(new JsonObject
        {
            ["url"] = ward.Node.Client.BaseAddress!.ToString().TrimEnd('/'),
            ["bundle"] = Bundle(),
            ["lacking"] = Bundle("8310-5"),
        }.ToJsonString());
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, await error);
        return JsonNode.Parse(output)!;
    }

    private static JsonNode Bundle(params string[] without) => JsonNode.Parse(Encoding.UTF8.GetString(SampleBundles.Render(SampleBundles.Septic, TimeProvider.System.GetUtcNow(), without)))!;
}
