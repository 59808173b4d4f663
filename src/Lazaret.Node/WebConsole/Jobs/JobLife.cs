using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>A job in a list.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Its state, as this reader may know it.</param>
internal sealed record ListedJob(Job Job, JobState State);

/// <summary>A job and what became of it.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">Its state, as this reader may know it.</param>
/// <param name="IsOwn">Whether the reader is its requester. They learn neither how long a run took, nor how it ended before the job did.</param>
internal sealed record JobLife(Job Job, JobState State, bool IsOwn)
{
    /// <summary>How many jobs are claimed before it.</summary>
    public int Ahead { get; init; }

    /// <summary>How long jobs of its kind waited lately: the median, and the time that nine in ten did not exceed.</summary>
    public (int Jobs, TimeSpan Usual, TimeSpan Long)? Wait { get; init; }

    /// <summary>Why its last run failed, as the audit says it; null when it did not fail, and for its requester.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether anything that its program printed is still stored.</summary>
    public bool HasLog { get; init; }

    public IReadOnlyList<Run> Runs { get; init; } = [];

    public Review? Review { get; init; }

    public WebhookDelivery? Delivery { get; init; }

    /// <summary>When the delivery's last attempt ended; null when there was none.</summary>
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
            // Once the review is decided, the time at which the requester saw the held state is not stored any more.
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
/// <param name="At">The time of the step; null when it was not stored.</param>
/// <param name="What">What happened.</param>
/// <param name="More">More details.</param>
internal sealed record LifeStep(DateTimeOffset? At, string What, string More)
{
    /// <summary>Whether the job waits at this step.</summary>
    public bool IsPause { get; init; }
}
