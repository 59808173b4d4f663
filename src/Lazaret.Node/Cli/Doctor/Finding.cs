namespace Lazaret.Node.Cli.Doctor;

/// <summary>One thing that this machine or this configuration can do, or not.</summary>
/// <param name="What">The thing.</param>
/// <param name="Ok">Whether it is there.</param>
/// <param name="Needed">Whether the node, so configured, needs it.</param>
/// <param name="Why">One line: what it is good for, or what to do about it.</param>
internal sealed record Finding(string What, bool Ok, bool Needed, string Why);
