namespace Lazaret.Node.Cli.Doctor;

/// <summary>One thing that this machine or this configuration can do, or not.</summary>
/// <param name="What">The thing.</param>
/// <param name="Ok">Whether it is there.</param>
/// <param name="Needed">Whether the node, so configured, needs it.</param>
/// <param name="Why">One line: what it is good for, or what is wrong.</param>
/// <param name="Mend">The command or the setting that mends it; empty where nothing is wrong.</param>
internal sealed record Finding(string What, bool Ok, bool Needed, string Why, string Mend)
{
    public static Finding Yes(string what, string why, bool needed = true) => new(what, Ok: true, needed, why, "");

    public static Finding No(string what, string why, string mend, bool needed = true) => new(what, Ok: false, needed, why, mend);

    /// <param name="fault">What is wrong, or null.</param>
    public static Finding Of(string what, string? fault, string why, string mend, bool needed = true) => fault is null ? Yes(what, why, needed) : No(what, fault, mend, needed);
}
