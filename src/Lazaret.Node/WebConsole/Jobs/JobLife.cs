using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>A job in a list.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Where it stands, for whoever looks.</param>
internal sealed record ListedJob(Job Job, JobState State);

/// <summary>A job and what became of it.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Where it stands, for whoever looks.</param>
/// <param name="IsOwn">Whether its requester looks: they learn neither how long a run took nor how it ended before the job did.</param>
internal sealed record JobLife(Job Job, JobState State, bool IsOwn)
{
    /// <summary>How many are claimed before it.</summary>
    public int Ahead { get; init; }

    /// <summary>How long jobs of its kind waited lately: usually, and nine in ten at most.</summary>
    public (int Jobs, TimeSpan Usual, TimeSpan Long)? Wait { get; init; }

    /// <summary>Why its last run failed, as the audit has it; null where it did not, and for its requester.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether something is kept of what its program printed.</summary>
    public bool HasLog { get; init; }

    public IReadOnlyList<Run> Runs { get; init; } = [];

    public Review? Review { get; init; }

    public WebhookDelivery? Delivery { get; init; }

    /// <summary>When its last attempt ended; null where there was none.</summary>
    public DateTimeOffset? DeliveryAt { get; init; }

    /// <summary>Its steps in their order.</summary>
    public IEnumerable<LifeStep> Steps()
    {
        yield return new(Job.CreatedAt, "Admitted", $"by {Job.Requester}{(Job.Project is { } project ? $", for project {project}" : "")}");
        foreach (var run in Runs)
            yield return new(run.StartedAt, run.Attempt == 1 ? "Run" : $"Run again, attempt {run.Attempt}", IsOwn ? JobWords.OfBackend(run.Backend) : $"{JobWords.OfBackend(run.Backend)}{(run.WallMilliseconds is { } wall ? $", {wall / 1000.0:0.0} s" : "")}{(run.Ending is { } ending ? $": {Parts.Words.Name(ending)}" : "")}");
        if (State != Job.State)
            yield break;
        if (Review is { } review)
        {
            // When its requester saw that it was held is not kept once it is decided.
            yield return new(!IsOwn ? review.At : review.DecidedAt is null ? Job.PublishedAt ?? review.At : null, "Held", "A steward looks at it before it leaves.") { IsPause = review.DecidedAt is null };
        }

        if (Job.IsOver)
        {
            yield return new(IsOwn ? Job.PublishedAt ?? Job.UpdatedAt : Job.UpdatedAt, Parts.Words.Of(Job.State).Word, Job.State switch
            {
                JobState.Done => "The answer was released, and its receipt is signed.",
                JobState.Failed => Parts.Words.Whole(Job.Error),
                _ => "No answer was released.",
            });
        }

        if (Delivery is { } delivery)
            yield return new(DeliveryAt, delivery.State switch { DeliveryState.Pending => "Webhook to come", DeliveryState.Delivered => "Webhook delivered", _ => "Webhook given up" }, Parts.Words.Of(delivery.Attempts, "attempt")) { IsPause = delivery.State == DeliveryState.Pending };
    }
}

/// <summary>One step of a job's life.</summary>
/// <param name="At">When; null where that was not kept.</param>
/// <param name="What">What happened.</param>
/// <param name="More">More of it.</param>
internal sealed record LifeStep(DateTimeOffset? At, string What, string More)
{
    /// <summary>Whether it waits there.</summary>
    public bool IsPause { get; init; }
}
