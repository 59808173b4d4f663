namespace Lazaret.Node.Sandboxes;

/// <summary>What a backend can do on this machine, in words for whoever runs the machine.</summary>
/// <param name="Available">Whether a program really ran.</param>
/// <param name="Why">One line: what it isolates, or what is missing and how to get it.</param>
/// <param name="Lacks">What this machine or this user id cannot enforce though the backend runs, one line each.</param>
public sealed record SandboxProbe(bool Available, string Why, IReadOnlyList<string> Lacks)
{
    /// <summary>Whether it runs so slowly here that <c>auto</c> passes it over.</summary>
    public bool OnlyByName { get; init; }

    internal static SandboxProbe Unavailable(string why) => new(Available: false, why, []);
}
