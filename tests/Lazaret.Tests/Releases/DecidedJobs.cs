using System.Text;
using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Keys;
using Lazaret.Node.Releases;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Releases;

/// <summary>Cohort jobs that come to the decision about their answers: what a sandbox would have scored is made up.</summary>
internal static class DecidedJobs
{
    public const string Outcome = "UPDRS_change";

    private static readonly string[] Everybody = [.. Enumerable.Range(0, 200).Select(subject => $"s{subject}")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Another process on the same database, with the same keys.</summary>
    public static async Task<ServiceProvider> BesideAsync(TestNode node, DisclosureOptions? disclosure = null)
    {
        var process = node.Beside(node.Options with { Disclosure = disclosure ?? node.Options.Disclosure });
        await process.GetRequiredService<KeyGuard>().StartAsync(Stop);
        return process;
    }

    /// <summary>A question about the first <paramref name="n"/> subjects, whose scores are random, but for the first subject's.</summary>
    /// <param name="query">Its name, and what its scores follow from.</param>
    /// <param name="first">The share of the first subject in the scores' length: what the answer tells of them.</param>
    /// <param name="n">How many.</param>
    /// <param name="rule">What keeps it, whatever was released.</param>
    public static Question Ask(string query, double first = 0, int n = 60, BlockRule? rule = null)
    {
        var random = new Random(query.Aggregate(17, (seed, letter) => seed * 31 + letter));
        double[] scores = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
        if (first > 0)
        {
            var rest = scores.Skip(1).Sum(score => score * score);
            scores[0] = Math.Sqrt(rest * first / (1 - first));
        }

        var mean = scores.Average();
        var answer = new CohortAnswerResult(n, 0.123m, 0.045m) { Query = Request(query).Canonical(0), DataVersion = "v1", Interval = [-0.1m, 0.3m], DegreesOfFreedom = n - 2 };
        return new Question(query, "v1", Outcome, Everybody[..n], rule, [LedgerRow.Of(Array.ConvertAll(scores, score => score - mean), LedgerRow.ScoreVariance(n, 0.001, 0))!], JsonSerializer.SerializeToUtf8Bytes(answer));
    }

    /// <summary>The same question as a cross-validation.</summary>
    public static Question By(this Question question, string scheme)
    {
        var answer = JsonSerializer.Deserialize<CohortAnswerResult>(question.Answer)!;
        return question with { Answer = JsonSerializer.SerializeToUtf8Bytes(answer with { Query = answer.Query! with { Cv = scheme } }) };
    }

    public static async Task<Job> AdmitAsync(IServiceProvider process, string requester, string query, string? project = null, byte[]? map = null, int maps = 1, string alternative = "two-sided")
    {
        var now = process.GetRequiredService<TimeProvider>().GetUtcNow();
        var job = Job.Admit(JobKind.Cohort, requester, (Request(query, maps) with { Alternative = alternative }).Write(), query, null, now, program: "map_to_outcome_v1", project: project);
        var admitted = await process.GetRequiredService<JobAdmission>().AdmitAsync(job, map ?? [1, 2, 3], [], Stop, questions: new Questions([query], 0));
        return Assert.IsType<Admission.Accepted>(admitted).Job;
    }

    /// <summary>Lets the job's run end with these answers.</summary>
    public static async Task<RunReport?> ConcludeAsync(IServiceProvider process, Guid job, params IReadOnlyList<Question> questions) =>
        await ConcludeAsync(process, (await process.GetRequiredService<JobQueue>().ClaimAsync("process", Unrunnable.None, job, Stop))!, questions);

    /// <param name="process">The node.</param>
    /// <param name="claimed">The job.</param>
    /// <param name="questions">What its run answered.</param>
    /// <param name="notBefore">When the answers may be seen at the earliest.</param>
    /// <param name="task">Its task.</param>
    /// <param name="isVisiting">Whether a visiting program answered.</param>
    public static async Task<RunReport?> ConcludeAsync(
        IServiceProvider process, ClaimedJob claimed, IReadOnlyList<Question> questions, DateTimeOffset? notBefore = null, string task = "map_to_outcome_v1", bool isVisiting = false)
    {
        // As the preparation of a run does: within the decision's transaction there is no other that could make it.
        await process.GetRequiredService<DisclosureSecret>().GetAsync(Stop);
        var request = new DecisionRequest
        {
            Job = claimed.Job,
            Task = task,
            Policy = process.GetRequiredService<DisclosureOptions>().PolicyOf(null),
            Questions = questions,
            Told = [new ToldOutcome(Outcome, [Outcome], Entropy: 6)],
            IsDiscrete = _ => false,
            HasOutcome = name => name == Outcome,
            Everybody = Everybody,
            NotBefore = notBefore,
            IsVisiting = isVisiting,
        };
        var decision = process.GetRequiredService<ReleaseDecision>();
        return await process.GetRequiredService<JobQueue>().ConcludeAsync(claimed, new RunReport.Undecided((db, stop) => decision.DecideAsync(db, request, stop)), Stop);
    }

    /// <summary>A job whose run ended with the answer to this question.</summary>
    /// <param name="map">The file that was sent, where the test looks at it.</param>
    public static async Task<Job> RunAsync(IServiceProvider process, Question question, string requester = "asker", string? project = null, byte[]? map = null)
    {
        var job = await AdmitAsync(process, requester, question.Query, project, map);
        Assert.NotNull(await ConcludeAsync(process, job.Id, question));
        return job;
    }

    /// <summary>A job with several maps, whose run ended with an answer to each.</summary>
    public static async Task<Job> RunBatchAsync(IServiceProvider process, string requester, params IReadOnlyList<Question> questions)
    {
        var job = await AdmitAsync(process, requester, questions[0].Query, maps: questions.Count);
        Assert.NotNull(await ConcludeAsync(process, job.Id, questions));
        return job;
    }

    private static CohortRequest Request(string query, int maps = 1) => new("map_to_outcome_v1", Outcome, "pearson", "STN", """{"dx":"PD","visit":"6mo"}""", [], maps)
    {
        CanonicalMaps = [.. Enumerable.Range(0, maps).Select(_ => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(query)))],
        MapSha256 = "ab",
    };
}
