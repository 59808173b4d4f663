using System.Text.Json.Serialization;
using Lazaret.Node.Health;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>One thing that this machine or this configuration can do, or not.</summary>
/// <param name="What">The thing.</param>
/// <param name="Ok">Whether it is there.</param>
/// <param name="Needed">Whether the node, so configured, needs it.</param>
/// <param name="Why">One line: what it is good for, or what is wrong.</param>
/// <param name="Mend">The command or the setting that mends it; empty where nothing is wrong.</param>
internal sealed record Finding(string What, bool Ok, bool Needed, string Why, string Mend)
{
    /// <summary>The name under which <c>/readyz</c> says the same; empty for what only this command looks at.</summary>
    public string Check { get; init; } = "";

    /// <summary>Whether somebody must mend it: also what the node does without for a while, where <c>/readyz</c> names it.</summary>
    [JsonIgnore]
    public bool IsFault => !Ok && (Needed || Check.Length > 0);

    public static Finding Yes(string what, string why, bool needed = true) => new(what, Ok: true, needed, why, "");

    public static Finding No(string what, string why, string mend, bool needed = true) => new(what, Ok: false, needed, why, mend);

    /// <param name="fault">What is wrong, or null.</param>
    public static Finding Of(string what, string? fault, string why, string mend, bool needed = true) => fault is null ? Yes(what, why, needed) : No(what, fault, mend, needed);

    /// <summary>What a check of <c>/readyz</c> found.</summary>
    /// <param name="what">The thing.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="check">What it found.</param>
    /// <param name="why">What is said where nothing is wrong.</param>
    /// <param name="mend">The command or the setting that mends it.</param>
    public static Finding Of(string what, string name, Check check, string why, string mend) => Of(what, check.Ok ? null : check.Why, why, mend, check.Needed) with { Check = name };

    /// <summary>The last clause of a fault where it is something to do; null where it is not.</summary>
    public static string? OwnMendOf(string fault) => MendOf(fault) is var last && ((string[])["set ", "chmod ", "chown ", "apt ", "cp ", "install ", "openssl "]).Any(verb => last.StartsWith(verb, StringComparison.Ordinal)) ? last : null;

    /// <summary>The last clause of a fault, after ': ': what to do about it.</summary>
    public static string MendOf(string fault) => fault[(fault.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
}
