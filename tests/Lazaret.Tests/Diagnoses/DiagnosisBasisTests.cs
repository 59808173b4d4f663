using System.Text;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Tests.Models;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Diagnoses;

/// <summary>What an answer rests on is kept with the job, sealed, and told with the admission and the result.</summary>
public sealed class DiagnosisBasisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admission_its_repetition_and_the_result_tell_the_same_data()
    {
        await using var node = await StartAsync();
        var admitted = Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, Bundle("Cel", "38.60")));
        var used = Assert.Single(admitted.Basis!.Used);
        Assert.Equal(("8310-5", "Observation/o1", "38.60", "Cel"), (used.Code, used.Reference, used.Value.GetRawText(), used.Unit));
        Assert.Equal(new NegotiatedModel("sepsis", "1.0.0"), admitted.Basis.Model);

        var repeated = Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, Bundle("Cel", "38.60")));
        Assert.Equal(admitted.Job.Id, repeated.Job.Id);
        Assert.Equal(admitted.Basis.Write(), repeated.Basis!.Write());

        await using (var db = node.Open())
        {
            var stored = await db.Payloads.AsNoTracking().SingleAsync(payload => payload.Name == PayloadName.Basis, Stop);
            Assert.DoesNotContain("8310-5", Encoding.Latin1.GetString(stored.Content), StringComparison.Ordinal);
            Assert.DoesNotContain("o1", await db.Database.SqlQueryRaw<string>("SELECT Request AS Value FROM Jobs").SingleAsync(Stop), StringComparison.Ordinal);
            Assert.DoesNotContain(await db.Audit.AsNoTracking().ToListAsync(Stop), entry => $"{entry.Detail}".Contains("38.6", StringComparison.Ordinal) || $"{entry.Detail}".Contains("o1", StringComparison.Ordinal));
        }

        Assert.Null((await FindAsync(node, admitted.Job)).Basis);
        var claimed = (await node.Get<JobQueue>().ClaimAsync("test", Unrunnable.None, Stop))!;
        await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.Released("{}"u8.ToArray(), new()), Stop);
        var answer = DiagnosisAnswer.Of(await FindAsync(node, admitted.Job));
        Assert.Equal("Observation/o1", Assert.Single(answer.Used!).Reference);
        Assert.Empty(answer.Skipped!);
        Assert.Equal("1.0.0", answer.Model!.Version);

        var told = WebhookDelivery.Of(admitted.Job.Id, Guid.Empty, "job.completed", node.Time.GetUtcNow());
        var found = await FindAsync(node, admitted.Job);
        Assert.Contains(
            """
            "result":{},"model":{"key":"sepsis","version":"1.0.0"},"used":[{"code":"8310-5","reference":"Observation/o1",
            """,
            Encoding.UTF8.GetString(WebhookMessage.Write(told, found, includeResult: true)),
            StringComparison.Ordinal);
        Assert.DoesNotContain("used", Encoding.UTF8.GetString(WebhookMessage.Write(told, found, includeResult: false)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_data_they_are_and_what_is_wrong_with_the_bundle_are_kept_sealed_and_told_again()
    {
        await using var node = await StartAsync();
        var bundle = Bundle("Cel", "38.6").Replace("\"id\":\"p1\"", "\"id\":\"p1\",\"telecom\":[{\"value\":\"1\"}]", StringComparison.Ordinal);
        var admitted = Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, bundle));
        var repeated = Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, bundle));
        foreach (var basis in (NegotiationBasis[])[admitted.Basis!, repeated.Basis!])
        {
            Assert.Equal("http://ehr.example/fhir/Patient/p1", basis.Patient);
            Assert.Equal("Bundle.entry[0].resource.telecom[0]", Assert.Single(basis.Warnings!).Expression);
            Assert.Single(DiagnosisAnswer.Of(admitted.Job, null, basis).Warnings!);
        }

        var claimed = (await node.Get<JobQueue>().ClaimAsync("test", Unrunnable.None, Stop))!;
        await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.Released("{}"u8.ToArray(), new()), Stop);
        var found = await FindAsync(node, admitted.Job);
        Assert.Single(DiagnosisAnswer.Of(found).Warnings!);
        var told = Encoding.UTF8.GetString(WebhookMessage.Write(WebhookDelivery.Of(admitted.Job.Id, Guid.Empty, "job.completed", node.Time.GetUtcNow()), found, includeResult: true));
        Assert.Contains("\"warnings\":[{\"code\":", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Patient/p1", told, StringComparison.Ordinal);
        await using var db = node.Open();
        Assert.DoesNotContain(await db.Payloads.AsNoTracking().ToListAsync(Stop), payload => Encoding.Latin1.GetString(payload.Content).Contains("Patient/p1", StringComparison.Ordinal));
    }

    /// <summary>What no answer of a person mends is refused; what a person can bring is asked for.</summary>
    [Theory]
    [InlineData("\"collection\"", "\"transaction\"", "bundle-type", "Bundle.type")]
    [InlineData("{\"reference\":\"Patient/p1\"}", "{\"reference\":\"Patient/p2\"}", "mixed-subjects", "Bundle.entry[1].resource.subject")]
    [InlineData("http://ehr.example/fhir/Observation/o1", "urn:uuid:22222222-2222-4222-8222-222222222222", "unresolvable-reference", "Bundle.entry[1].resource.subject")]
    [InlineData("p1", "p2", "other-patient", "Bundle.entry[0]")]
    [InlineData("\"collection\"", "\"collection\",\"implicitRules\":\"http://x.example\"", "modifier", "Bundle")]
    public async Task What_cannot_be_used_is_refused_with_cause_and_place(string text, string replacement, string cause, string place)
    {
        await using var node = await StartAsync();
        var bundle = Bundle("Cel", "38.6").Replace(text, replacement, StringComparison.Ordinal);
        if (cause == "bundle-type")
            bundle = bundle.Replace("\"resource\":{", "\"request\":{\"method\":\"PUT\",\"url\":\"x\"},\"resource\":{", StringComparison.Ordinal);

        var refused = Assert.IsType<DiagnosisDecision.Unusable>(await DecideAsync(node, bundle, "Patient/p1"));

        Assert.Equal((cause, place), (refused.Refusal.Cause, refused.Refusal.Place));
    }

    [Fact]
    public async Task A_missing_datum_is_asked_for()
    {
        await using var node = await StartAsync();

        var asked = Assert.IsType<DiagnosisDecision.DataRequired>(await DecideAsync(node, Bundle("{score}", "38.6"), "Patient/p1"));

        Assert.Equal("unit", Assert.Single(asked.Negotiation.Missing).Reason.Name);
    }

    [Fact]
    public async Task Of_several_versions_the_least_is_asked_for_and_both_are_listed()
    {
        await using var node = await StartAsync();
        await node.Get<ModelRegistry>().AddAsync(
            TinyModel.Write(_folder, "2.0.0", accuracy: "0.99", requires: "{observations: [{code: 8310-5, unit: Cel}, {code: 8867-4, unit: /min}, {code: 59408-5, unit: '%'}]}"), Stop);

        var asked = Assert.IsType<DiagnosisDecision.DataRequired>(await DecideAsync(node, Bundle("{score}", "38.6")));

        Assert.Equal("sepsis@1.0.0", asked.Model.Name);
        Assert.Equal(["sepsis@2.0.0", "sepsis@1.0.0"], asked.Versions.Select(version => version.Model.Name));
        Assert.Equal([3, 1], asked.Versions.Select(version => version.Negotiation.Missing.Count));
    }

    [Fact]
    public async Task A_better_version_that_lacked_data_is_named_with_what_it_lacked()
    {
        await using var node = await StartAsync();
        Assert.Null(Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, Bundle("Cel", "38.6"))).Basis!.PassedOver);
        await node.Get<ModelRegistry>().AddAsync(
            TinyModel.Write(_folder, "2.0.0", accuracy: "0.99", requires: "{observations: [{code: 8310-5, unit: Cel}, {code: 8867-4, unit: /min}, {code: 59408-5, unit: '%', mandatory: false}]}"), Stop);

        var admitted = Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, Bundle("Cel", "38.7"), key: "other"));

        var passed = Assert.Single(DiagnosisAnswer.Of(admitted.Job, null, NegotiationBasis.Read(admitted.Basis!.Write())).PassedOver!);
        Assert.Equal(("2.0.0", "8867-4"), (passed.Version, Assert.Single(passed.Missing)));
    }

    [Fact]
    public async Task Another_client_id_under_the_same_key_is_another_request()
    {
        await using var node = await StartAsync();
        Assert.IsType<DiagnosisDecision.Accepted>(await DecideAsync(node, Bundle("Cel", "38.6")));

        Assert.IsType<DiagnosisDecision.Refused>(await DecideAsync(node, Bundle("Cel", "38.6"), client: "another"));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public async Task The_tolerance_between_clocks_is_the_sites(int ahead, bool isUsed)
    {
        await using var node = await StartAsync(new() { Diagnoses = new DiagnosisOptions { ClockSkewSeconds = 30 } });
        var time = $"{node.Time.GetUtcNow().AddSeconds(ahead):yyyy-MM-ddTHH:mm:ssZ}";

        var decision = await DecideAsync(node, Bundle("Cel", "38.6").Replace("2026-03-01T11:30:00Z", time, StringComparison.Ordinal));

        Assert.Equal(isUsed, decision is DiagnosisDecision.Accepted);
    }

    public void Dispose() => _folder.Dispose();

    private static string Bundle(string unit, string value) => $$$"""
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"http://ehr.example/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}},
        {"fullUrl":"http://ehr.example/fhir/Observation/o1","resource":{"resourceType":"Observation","id":"o1","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01T11:30:00Z",
        "valueQuantity":{"value":{{{value}}},"system":"http://unitsofmeasure.org","code":"{{{unit}}}"} } }]}
        """;

    private async Task<TestNode> StartAsync(Lazaret.Node.NodeOptions? options = null)
    {
        var node = await TestNode.StartAsync(options);
        await node.Get<ModelRegistry>().AddAsync(
            TinyModel.Write(_folder, "1.0.0", requires: "{observations: [{code: 8310-5, display: Body temperature, unit: Cel, max_age: PT12H, range: [25, 45]}]}"), Stop);
        return node;
    }

    private static Task<DiagnosisDecision> DecideAsync(TestNode node, string bundle, string? patient = null, string key = "once", string client = "bot") => node.Get<DiagnosisAdmission>().DecideAsync(
        new DiagnosisEnvelope(client, "sepsis", Encoding.UTF8.GetBytes(bundle)) { Patient = patient is null ? null : AskedPatient.Read(patient) }, idempotencyKey: key, dryRun: false, Requester.Local, null, Stop);

    private static async Task<JobWithResult> FindAsync(TestNode node, Job job) =>
        (await node.Get<JobResults>().FindAsync(job.Id, JobKind.Diagnosis, Requester.Local.Name, Stop))!;
}
