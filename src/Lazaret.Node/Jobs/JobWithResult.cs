using System.Text.Json;

namespace Lazaret.Node.Jobs;

/// <summary>A job with what was released, if anything was and it has not expired.</summary>
internal sealed record JobWithResult(Job Job, byte[]? Result)
{
    /// <summary>Whether its requester may see where it stands; otherwise it says that it runs.</summary>
    public bool IsPublished { get; init; } = true;

    /// <summary>What a diagnosis rests on, as JSON; null of other kinds, until there is a result, and once it has expired.</summary>
    public byte[]? Basis { get; init; }

    /// <summary>The members that the program answered; null while there is no result.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Output => Result is null
        ? null
        : JsonDocument.Parse(Result).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    /// <summary>A result was released, and deleted when its time was over.</summary>
    public bool HasExpired => IsPublished && Job.State == JobState.Done && Result is null;

    /// <summary>Why there is no result.</summary>
    public string Why => this switch
    {
        { HasExpired: true } => "the result has expired",
        { Job.State: JobState.Cancelled } => "the job was cancelled",
        _ => Job.Error ?? "the job has no result",
    };
}
