namespace Lazaret.Node.Keys;

/// <summary>A stored record cannot be opened. It names the place and the cause, and nothing of the content.</summary>
public sealed class SealException(RecordPlace place, string why, Exception? cause = null)
    : Exception($"{place} cannot be opened: {why}", cause);
