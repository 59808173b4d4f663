namespace Lazaret.Node.Sandboxes;

/// <summary>What a backend can do on this machine, in words for whoever runs the machine.</summary>
/// <param name="Available">Whether a program really ran.</param>
/// <param name="Why">One line: what it isolates, or what is missing and how to get it.</param>
/// <param name="Lacks">What this machine or this user id cannot enforce though the backend runs: each a sentence without its full stop.</param>
public sealed record SandboxProbe(bool Available, string Why, IReadOnlyList<string> Lacks)
{
    /// <summary>Whether it runs so slowly here that <c>auto</c> passes it over.</summary>
    public bool OnlyByName { get; init; }

    /// <summary>Whether it would run if the operator accepted what it lacks: then <c>auto</c> takes nothing weaker instead.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Of one that does not run: the command or the setting with which it would. Empty where <see cref="Why"/> ends in it, after ': '.</summary>
    public string Mend { get; init; } = "";

    internal static SandboxProbe Refused(string why) => Unavailable(why) with { IsRefused = true };

    internal static SandboxProbe Unavailable(string why, string mend = "") => new(Available: false, why, []) { Mend = mend };
}
