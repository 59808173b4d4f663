using System.Text;
using Lazaret.Fhir;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Http;
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
        var seconds = 0;
        using var judging = new FhirJudging(new FhirOptions(), TimeProvider.System, () => TimeSpan.FromSeconds(seconds++));
        var decision = await DecideAsync(node, judging, budget: null, Stop);

        Assert.Equal("too-costly", Assert.Single(Assert.IsType<DiagnosisDecision.InvalidBundle>(decision).Issues).Code);
        var answer = Assert.IsType<Utf8ContentHttpResult>(FhirAnswer.Refusal(decision));
        Assert.Equal(422, answer.StatusCode);
        Assert.Contains("\"code\":\"too-costly\"", Encoding.UTF8.GetString(answer.ResponseContent.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_whose_reading_others_hold_up_is_not_refused_for_good()
    {
        await using var node = await StartAsync();
        using var judging = new FhirJudging(new FhirOptions(), new StepClock(), () => TimeSpan.Zero);
        var decision = await DecideAsync(node, judging, budget: null, Stop);

        Assert.IsType<DiagnosisDecision.Busy>(decision);
        Assert.IsType<RetryLater>(FhirAnswer.Refusal(decision));
    }

    [Fact]
    public async Task A_bundle_waits_for_its_turn_and_is_asked_to_come_again_when_none_comes()
    {
        await using var node = await StartAsync();
        var clock = new ManualClock();
        using var judging = new FhirJudging(new FhirOptions { ConcurrentJudging = 1 }, clock, () => TimeSpan.Zero);
        using var first = await judging.EnterAsync(Stop);
        var waiting = DecideAsync(node, judging, budget: null, Stop);
        await clock.TimerMade;
        Assert.False(waiting.IsCompleted);
        clock.Fire();

        Assert.IsType<DiagnosisDecision.Busy>(await waiting);
    }

    [Fact]
    public async Task A_turn_that_ends_is_the_next_in_line_s()
    {
        using var judging = new FhirJudging(new FhirOptions { ConcurrentJudging = 1 }, TimeProvider.System);
        var first = await judging.EnterAsync(Stop);
        using var gone = new CancellationTokenSource();
        var leaves = judging.EnterAsync(gone.Token);
        var second = judging.EnterAsync(Stop);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        Assert.False(second.IsCompleted);
        first!.Dispose();
        using var turn = await second;
        Assert.NotNull(turn);
    }

    [Fact]
    public async Task Who_waits_for_the_database_keeps_no_other_bundle_from_its_turn()
    {
        await using var node = await StartAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var judging = new FhirJudging(new FhirOptions { ConcurrentJudging = 1 }, TimeProvider.System, () =>
        {
            begun.TrySetResult();
            return TimeSpan.Zero;
        });
        Task<DiagnosisDecision> waiting;
        await using (var db = node.Open())
        await using (await db.BeginWritingAsync(Stop))
        {
            // Its outcome is to be audited, and cannot be while somebody else writes.
            waiting = Task.Run(() => DecideAsync(node, judging, budget: null, Stop), Stop);
            await begun.Task.WaitAsync(Stop);
            using var turn = await judging.EnterAsync(Stop);
            Assert.NotNull(turn);
            Assert.False(waiting.IsCompleted);
        }

        Assert.IsType<DiagnosisDecision.Sufficient>(await waiting);
    }

    [Fact]
    public async Task What_a_request_has_spent_before_counts()
    {
        await using var node = await StartAsync();
        var spent = new FhirBudget(TimeSpan.FromSeconds(2), new StepClock(), Stop);
        while (!FhirValidator.Validate(Bundle, spent).Issues.Any(issue => issue.Code == "too-costly"))
        {
        }

        Assert.IsType<DiagnosisDecision.InvalidBundle>(await DecideAsync(node, node.Get<FhirJudging>(), spent, Stop));
    }

    [Fact]
    public async Task The_reading_ends_when_the_client_is_gone()
    {
        await using var node = await StartAsync();
        using var gone = new CancellationTokenSource();
        var clock = new StepClock { At = look => _ = look == 2 ? gone.CancelAsync() : Task.CompletedTask };

        using var judging = new FhirJudging(new FhirOptions(), clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DecideAsync(node, judging, budget: null, gone.Token));
        Assert.Equal(2, clock.Looks);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<TestNode> StartAsync()
    {
        var node = await TestNode.StartAsync();
        await node.Get<ModelRegistry>().AddAsync(TinyModel.Write(_folder, "1.0.0"), Stop);
        return node;
    }

    private static Task<DiagnosisDecision> DecideAsync(TestNode node, FhirJudging judging, FhirBudget? budget, CancellationToken cancellationToken) =>
        ActivatorUtilities.CreateInstance<DiagnosisAdmission>(node.Services, judging).DecideAsync(
            new DiagnosisEnvelope("bot", "sepsis", Bundle) { Budget = budget }, idempotencyKey: null, dryRun: true, Requester.Local, project: null, cancellationToken);

    /// <summary>Its timers end when the test says so.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private readonly List<Action> _timers = [];
        private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The second timer: the first is that of whoever holds the turn.</summary>
        public Task TimerMade => _second.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            if (_timers.Count == 2)
                _second.SetResult();
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Fire() => _timers[^1]();
    }
}
