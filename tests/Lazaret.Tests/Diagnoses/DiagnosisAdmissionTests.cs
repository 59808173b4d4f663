using System.Text;
using Lazaret.Fhir;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Identity;
using Lazaret.Node.Models;
using Lazaret.Tests.Fhir;
using Lazaret.Tests.Fhir.Validation;
using Lazaret.Tests.Models;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Diagnoses;

public sealed class DiagnosisAdmissionTests : IDisposable
{
    private static readonly byte[] Bundle = Encoding.UTF8.GetBytes(HostileShapes.All["references to nothing"](40_000));

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_that_takes_too_long_to_read_is_refused_with_an_issue_that_says_so()
    {
        await using var node = await StartAsync();
        var decision = await DecideAsync(node, new StepClock(), budget: null, Stop);

        Assert.Equal("too-costly", Assert.Single(Assert.IsType<DiagnosisDecision.InvalidBundle>(decision).Issues).Code);
        var answer = Assert.IsType<Utf8ContentHttpResult>(FhirAnswer.Refusal(decision));
        Assert.Equal(422, answer.StatusCode);
        Assert.Contains("\"code\":\"too-costly\"", Encoding.UTF8.GetString(answer.ResponseContent.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_request_has_spent_before_counts()
    {
        await using var node = await StartAsync();
        var spent = new FhirBudget(TimeSpan.FromSeconds(2), new StepClock(), Stop);
        while (!FhirValidator.Validate(Bundle, spent).Issues.Any(issue => issue.Code == "too-costly"))
        {
        }

        Assert.IsType<DiagnosisDecision.InvalidBundle>(await DecideAsync(node, TimeProvider.System, spent, Stop));
    }

    [Fact]
    public async Task The_reading_ends_when_the_client_is_gone()
    {
        await using var node = await StartAsync();
        using var gone = new CancellationTokenSource();
        var clock = new StepClock { At = look => _ = look == 2 ? gone.CancelAsync() : Task.CompletedTask };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DecideAsync(node, clock, budget: null, gone.Token));
        Assert.Equal(2, clock.Looks);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<TestNode> StartAsync()
    {
        var node = await TestNode.StartAsync();
        await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        return node;
    }

    private static Task<DiagnosisDecision> DecideAsync(TestNode node, TimeProvider clock, FhirBudget? budget, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<DiagnosisAdmission>(node.Services, clock).DecideAsync(
            new DiagnosisEnvelope("bot", "sepsis", Bundle) { Budget = budget }, idempotencyKey: null, dryRun: true, Requester.Local, cancellationToken);
}
