namespace Lazaret.Node.Releases.Reviews;

/// <summary>What a requester may know of the review of their job.</summary>
/// <param name="IsDecided">Whether it is over.</param>
/// <param name="Asked">What stewards ask back; null for nothing.</param>
internal sealed record ReviewNote(bool IsDecided, string? Asked);
