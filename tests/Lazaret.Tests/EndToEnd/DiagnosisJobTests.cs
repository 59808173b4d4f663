using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Fhir;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Diagnosis jobs against the built binary, with the sample model.</summary>
public sealed class DiagnosisJobTests(DiagnosisJobTests.Ward ward) : IClassFixture<DiagnosisJobTests.Ward>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_without_temperature_is_asked_for_it_and_completed_is_answered_by_the_model()
    {
        using var lacking = await PostAsync(SampleModel.Request(SampleBundles.Septic, "8310-5"));
        Assert.Equal(HttpStatusCode.Conflict, lacking.StatusCode);
        var problem = await ReadAsync(lacking);
        Assert.Equal("NEGOTIATION_REQUIRED", (string?)problem["code"]);
        Assert.Equal(409, (int)problem["status"]!);
        Assert.Equal("sepsis", (string?)problem["model"]!["key"]);
        var missing = Assert.Single(problem["missing_data"]!.AsArray())!;
        Assert.Equal("8310-5", (string?)missing["code"]);
        Assert.Equal("http://loinc.org", (string?)missing["system"]);
        Assert.Equal("absent", (string?)missing["reason"]);
        Assert.True((bool)missing["mandatory"]!);
        Assert.Equal("Cel", (string?)Assert.Single(missing["accepted_units"]!.AsArray()));
        Assert.Equal("PT12H", (string?)missing["max_age"]);
        Assert.StartsWith("Observation?code=http://loinc.org|8310-5", (string?)missing["search"], StringComparison.Ordinal);

        using var admitted = await PostAsync(SampleModel.Request(SampleBundles.Septic));
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        var job = await ReadAsync(admitted);
        Assert.Equal("QUEUED", (string?)job["status"]);
        Assert.True((int)job["eta_seconds"]! >= 1);

        job = await ward.Node.WaitAsync($"/v1/jobs/{job["job_id"]}", "QUEUED", "PROCESSING");
        Assert.Equal("COMPLETED", (string?)job["status"]);
        Assert.Equal("""{"diagnosis":"POSITIVE","score":16,"risk":"high","complete":true}""", job["result"]!.ToJsonString());
        Assert.Equal("""{"key":"sepsis","version":"1.0.0"}""", job["model"]!.ToJsonString());
        Assert.Equal(7, job["used"]!.AsArray().Count);
        Assert.Contains(job["used"]!.AsArray(), datum => (string?)datum!["reference"] == "Observation/septic-blood-pressure#8480-6" && (decimal)datum["value"]! == 94);
        Assert.Empty(job["skipped"]!.AsArray());
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_makes_no_job()
    {
        using var lacking = await PostAsync(SampleModel.Request(SampleBundles.Healthy, "8310-5"), "?dry_run=true");
        Assert.Equal(HttpStatusCode.Conflict, lacking.StatusCode);
        using var sufficient = await PostAsync(SampleModel.Request(SampleBundles.Healthy), "?dry_run=true");
        Assert.Equal(HttpStatusCode.OK, sufficient.StatusCode);
        var answer = await ReadAsync(sufficient);
        Assert.Equal("satisfied", (string?)answer["verdict"]);
        Assert.Null(answer["job_id"]);
    }

    [Fact]
    public async Task A_request_repeated_under_its_key_is_answered_with_how_its_job_stands_now()
    {
        var body = SampleModel.Request(SampleBundles.Septic);
        var first = await RepeatAsync();
        Assert.NotNull(first["eta_seconds"]);
        var done = await ward.Node.WaitAsync($"/v1/jobs/{first["job_id"]}", "QUEUED", "PROCESSING");
        var again = await RepeatAsync();
        Assert.Equal("COMPLETED", (string?)again["status"]);
        Assert.Equal(done.ToJsonString(), again.ToJsonString());

        async Task<JsonNode> RepeatAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/diagnose") { Content = JsonContent.Create(body) };
            request.Headers.Add("Idempotency-Key", "repeated");
            using var response = await ward.Node.Client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            return await ReadAsync(response);
        }
    }

    [Fact]
    public async Task An_unknown_target_is_answered_with_the_known_ones()
    {
        var body = SampleModel.Request(SampleBundles.Healthy);
        body["target_diagnosis"] = "measles";
        using var response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("sepsis", (string?)Assert.Single((await ReadAsync(response))["errors"]![0]!["allowed"]!.AsArray()));
    }

    [Fact]
    public async Task A_bundle_that_is_no_fhir_is_answered_with_an_operation_outcome()
    {
        var body = SampleModel.Request(SampleBundles.Healthy);
        body["fhir_bundle"]!["entry"]![1]!["resource"]!.AsObject().Remove("status");
        using var response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var outcome = (await ReadAsync(response))["outcome"]!;
        Assert.Equal("OperationOutcome", (string?)outcome["resourceType"]);
        Assert.NotEmpty(outcome["issue"]!.AsArray());
    }

    [Fact]
    public async Task The_registry_shows_what_the_model_needs()
    {
        var model = (await ward.Node.Client.GetFromJsonAsync<JsonNode>("/v1/models/sepsis", Stop))!["versions"]![0]!;
        var codes = model["requires"]!.AsArray().Select(requirement => (string)requirement!["code"]!).ToList();
        foreach (var code in (string[])["9279-1", "59408-5", "8480-6", "8867-4", "8310-5"])
            Assert.Contains(code, codes);
        Assert.StartsWith("sha256:", (string?)model["digest"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_patient_is_in_the_log_or_the_audit()
    {
        var bundle = PlantedName.In(JsonNode.Parse(SampleBundles.Render(SampleBundles.Septic with { Temperature = 39.9713184m }, TimeProvider.System.GetUtcNow()))!);
        foreach (var node in (JsonNode[])[bundle, Broken(bundle), Incomplete(bundle)])
        {
            using var response = await PostAsync(new JsonObject { ["client_id"] = "bot", ["target_diagnosis"] = "sepsis", ["fhir_bundle"] = node.DeepClone() });
            // An answer names the data by the references that the requester gave them, and searches for the patient by hers.
            var answer = (await response.Content.ReadAsStringAsync(Stop)).Replace($"\"Observation/{PlantedName.Name}-", "", StringComparison.Ordinal)
                .Replace($"patient=Patient/{PlantedName.Name}&", "", StringComparison.Ordinal);
            Assert.DoesNotContain(PlantedName.Name, answer, StringComparison.OrdinalIgnoreCase);
            if (response.StatusCode == HttpStatusCode.Accepted)
                await ward.Node.WaitAsync($"/v1/jobs/{(await ReadAsync(response))["job_id"]}", "QUEUED", "PROCESSING");
        }

        var audit = await NodeProcess.RunAsync(ward.State, ["audit", "export"]);
        Assert.Equal(0, audit.ExitCode);
        Assert.Contains("result_released", audit.Output, StringComparison.Ordinal);
        Assert.Contains("data_required", audit.Output, StringComparison.Ordinal);
        Assert.Contains("request_refused", audit.Output, StringComparison.Ordinal);
        foreach (var secret in (string[])[PlantedName.Name, "39.9713184"])
        {
            Assert.DoesNotContain(secret, ward.Node.Log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, audit.Output, StringComparison.OrdinalIgnoreCase);
        }

        foreach (var file in Directory.EnumerateFiles(ward.State, "lazaret.db*"))
        {
            var stored = System.Text.Encoding.Latin1.GetString(await ReadSharedAsync(file));
            Assert.DoesNotContain(PlantedName.Name, stored, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("39.9713184", stored, StringComparison.Ordinal);
        }

        static JsonNode Broken(JsonNode bundle)
        {
            var broken = bundle.DeepClone();
            broken["entry"]![0]!["resource"]!["gender"] = PlantedName.Name;
            broken["entry"]![1]!["resource"]!["valueQuantity"]!["value"] = "39.9713184";
            return broken;
        }

        static JsonNode Incomplete(JsonNode bundle)
        {
            var incomplete = bundle.DeepClone();
            incomplete["entry"]!.AsArray().RemoveAt(2);
            return incomplete;
        }
    }

    [Fact]
    public async Task The_audit_is_exported_as_fhir_too()
    {
        using var response = await PostAsync(SampleModel.Request(SampleBundles.Healthy, "8310-5"));
        var audit = await NodeProcess.RunAsync(ward.State, ["audit", "export", "--format", "fhir"]);
        Assert.True(audit.ExitCode == 0, audit.Error);
        var lines = audit.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        foreach (var line in lines)
            Assert.True(Lazaret.Fhir.FhirValidator.Validate(System.Text.Encoding.UTF8.GetBytes(line)).IsValid, line);
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Stop);
        return bytes.ToArray();
    }

    private Task<HttpResponseMessage> PostAsync(JsonNode body, string query = "") =>
        ward.Node.Client.PostAsJsonAsync($"/v1/diagnose{query}", body, Stop);

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;

    public sealed class Ward : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal NodeProcess Node { get; private set; } = null!;

        internal string State => _folder.Path;

        public async ValueTask InitializeAsync()
        {
            await SampleModel.AddAsync(State);
            // The most talkative level: nothing of a patient may be in it either.
            Node = await NodeProcess.ServeAsync(State, ("Logging__LogLevel__Default", "Trace"));
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
        }
    }
}
