namespace Lazaret.Node.Storage.Faults;

/// <summary>A file that a node makes in its state folder only once it has a database.</summary>
internal sealed record StateTrace(string File);
