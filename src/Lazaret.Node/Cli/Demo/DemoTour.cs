using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Node.Cli.Printing;
using Lazaret.SampleSite;
using Spectre.Console;

namespace Lazaret.Node.Cli.Demo;

/// <summary>Plays the requester: both kinds of question over HTTP, and each answer beside what was planted.</summary>
/// <param name="stays">Whether the node stays up afterwards.</param>
internal sealed class DemoTour(DemoNode demo, bool stays)
{
    private const double Tolerance = 0.05;

    /// <summary>Each level is common enough to be shown; together they leave too few subjects.</summary>
    private const string OneVisit = """{"visit":"6mo"}""";
    private const string SmallCohort = """{"dx":"OCD","sex":"F","visit":"6mo"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private bool _asExpected = true;

    /// <summary>Whether every answer was as expected.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        Console.WriteLine($"A node at {demo.Client.BaseAddress}. It runs programs in the sandbox {demo.Sandbox}.");
        foreach (var lack in demo.SandboxLacks)
            AnsiConsole.Write(new Text($"{lack}.\n", Color.Yellow));
        AnsiConsole.MarkupLine("\nThe map that a researcher sends, cut at its strongest voxel:");
        AnsiConsole.Write(MapPicture.Of(NiftiVolume.Read(demo.Truth.Map)));
        await AskTheCohortAsync(cancellationToken);
        await AskWronglyAsync(cancellationToken);
        await AskForADiagnosisAsync(cancellationToken);
        AnsiConsole.MarkupLine("\nTry next:");
        if (!stays)
            AnsiConsole.MarkupLine("  [bold]./lazaret demo --stay[/]                keep this node up and ask it yourself");
        AnsiConsole.MarkupLine("""
              [bold]./lazaret site init my-site[/]          a folder for data of your own, with examples
              [bold]./lazaret doctor[/]                     what this machine can do, and what it lacks
            """);
        return _asExpected;
    }

    private async Task AskTheCohortAsync(CancellationToken cancellationToken)
    {
        var table = new Table().RoundedBorder().Title("Cohort jobs: the true network's map goes in, n, R and p come out")
            .AddColumns("outcome", "filters", "planted R", "answer", "R", "n", "p");
        foreach (var (outcome, planted) in demo.Truth.Correlations)
        {
            var answer = await AskAsync(outcome, OneVisit, cancellationToken);
            Expect(answer["status"]?.GetValue<string>() == "done");
            Expect(Math.Abs((answer["R"]?.GetValue<double>() ?? double.NaN) - planted) <= Tolerance);
            table.AddTexts([outcome, OneVisit, planted.ToString("0.00", CultureInfo.InvariantCulture), .. Describe(answer)]);
        }

        var someOutcome = demo.Truth.Correlations.Keys.First();
        var small = await AskAsync(someOutcome, SmallCohort, cancellationToken);
        Expect(small["status"]?.GetValue<string>() == "blocked");
        table.AddTexts([someOutcome, SmallCohort, "", .. Describe(small)]);
        table.Caption("the last one: too few subjects, and the requester is not told so");
        AnsiConsole.Write(table);
    }

    private async Task AskWronglyAsync(CancellationToken cancellationToken)
    {
        using var response = await PostMapAsync("mood", """{"planet":"Mars"}""", cancellationToken, ("mask", "../../etc/passwd"));
        Expect(response.StatusCode == HttpStatusCode.UnprocessableEntity);
        var table = new Table().RoundedBorder().Title($"A wrong question: {(int)response.StatusCode}, every fault at once").AddColumns("field", "fault", "allowed");
        foreach (var fault in (await ReadAsync(response, cancellationToken))["errors"]!.AsArray())
            table.AddTexts(Text(fault!["field"]), Text(fault["message"]), string.Join(", ", fault["allowed"]?.AsArray().Select(Text) ?? []));
        AnsiConsole.Write(table);
    }

    private async Task AskForADiagnosisAsync(CancellationToken cancellationToken)
    {
        using var lacking = await PostBundleAsync(SampleBundles.Septic, ["8310-5"], cancellationToken);
        Expect(lacking.StatusCode == HttpStatusCode.Conflict);
        var asked = new Table().RoundedBorder().HideHeaders().AddColumns("", "")
            .Title($"A bundle that lacks an observation: {(int)lacking.StatusCode}, and what to ask for");
        foreach (var missing in (await ReadAsync(lacking, cancellationToken))["missing_data"]!.AsArray())
        {
            foreach (var member in (string[])["code", "display", "reason", "ask", "accepted_units", "max_age", "search"])
                asked.AddTexts(member, Text(missing![member]));
        }

        AnsiConsole.Write(asked);

        var table = new Table().RoundedBorder().Title("The bundle completed: NEWS2 in the sandbox").AddColumns("patient", "expected", "status", "answer");
        await DiagnoseAsync(table, SampleBundles.Septic, "POSITIVE", cancellationToken);
        await DiagnoseAsync(table, SampleBundles.Healthy, "NEGATIVE", cancellationToken);
        AnsiConsole.Write(table);
        await ShowWebhooksAsync(expected: 2, cancellationToken);
    }

    private async Task DiagnoseAsync(Table table, BedsidePatient patient, string expected, CancellationToken cancellationToken)
    {
        using var admitted = await PostBundleAsync(patient, [], cancellationToken);
        Expect(admitted.StatusCode == HttpStatusCode.Accepted);
        if (!admitted.IsSuccessStatusCode)
            return;
        var job = await WaitAsync($"/v1/jobs/{Text((await ReadAsync(admitted, cancellationToken))["job_id"])}", "QUEUED", "PROCESSING", cancellationToken);
        Expect(job["result"]?["diagnosis"]?.GetValue<string>() == expected);
        table.AddTexts(patient.Id, expected, Text(job["status"]), job["result"]?.ToJsonString() ?? "");
    }

    private async Task ShowWebhooksAsync(int expected, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (demo.Receiver.Told.Count < expected && TimeProvider.System.GetElapsedTime(began) < Patience)
            await Task.Delay(20, cancellationToken);
        Expect(demo.Receiver.Told.Count == expected);
        var table = new Table().RoundedBorder().Title("The same, told to the chatbot's webhook").AddColumns("event", "job", "status", "signature");
        foreach (var (message, verified) in demo.Receiver.Told)
        {
            Expect(verified);
            table.AddTexts(Text(message["type"]), Text(message["data"]!["job_id"]), Text(message["data"]!["status"]), verified ? "verified" : "wrong");
        }

        AnsiConsole.Write(table);
    }

    private async Task<JsonNode> AskAsync(string outcome, string filters, CancellationToken cancellationToken)
    {
        using var response = await PostMapAsync(outcome, filters, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new InputException($"the demo's own question was refused: {(await ReadAsync(response, cancellationToken)).ToJsonString()}");
        return response.Headers.Location is { } job ? await WaitAsync(job.ToString(), "queued", "running", cancellationToken) : await ReadAsync(response, cancellationToken);
    }

    private async Task<HttpResponseMessage> PostMapAsync(
        string outcome, string filters, CancellationToken cancellationToken, params (string Name, string Value)[] more)
    {
        using var form = new MultipartFormDataContent();
        await using var map = File.OpenRead(demo.Truth.Map);
        form.Add(new StreamContent(map), "map_file", "map.nii.gz");
        foreach (var (name, value) in ((string, string)[])[("task", AnalysisContract.MapToOutcome), ("outcome", outcome), ("filters", filters), .. more])
            form.Add(new StringContent(value), name);
        return await demo.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, cancellationToken);
    }

    private async Task<HttpResponseMessage> PostBundleAsync(BedsidePatient patient, string[] without, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["client_id"] = "demo",
            ["target_diagnosis"] = "sepsis",
            ["webhook_url"] = demo.Receiver.Url.ToString(),
            ["fhir_bundle"] = JsonNode.Parse(SampleBundles.Render(patient, TimeProvider.System.GetUtcNow(), without)),
        };
        return await demo.Client.PostAsJsonAsync("/v1/diagnose", body, cancellationToken);
    }

    private async Task<JsonNode> WaitAsync(string path, string queued, string running, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var job = (await demo.Client.GetFromJsonAsync<JsonNode>(path, cancellationToken))!;
            if (Text(job["status"]) is var status && status != queued && status != running)
                return job;
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new MissingException($"the demo's job is still {job["status"]} after {Patience.TotalMinutes} minutes");
            await Task.Delay(20, cancellationToken);
        }
    }

    // What differs is said at once; the tour goes on.
    private void Expect(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (condition)
            return;
        _asExpected = false;
        Console.Error.WriteLine($"lazaret: demo: not as expected: {what}");
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;

    private static string[] Describe(JsonNode answer) =>
        [Text(answer["status"]), Text(answer["R"]), Text(answer["n"]), answer["p_below"] is { } bound ? $"< {Text(bound)}" : Text(answer["p"])];

    private static string Text(JsonNode? node) => (node is JsonArray list ? string.Join(", ", list) : node?.ToString()) ?? "";
}
