namespace Lazaret.Node.Cohorts;

/// <summary>Where the program of the built-in analyses lies: a root folder beside the node's own binary.</summary>
internal sealed class GuestProgram
{
    public static readonly IReadOnlyList<string> Command = ["/guest/lazaret-guest"];

    public string Root { get; } = Path.Combine(AppContext.BaseDirectory, "guest");

    /// <summary>Null, or what is missing.</summary>
    public string? Fault() => File.Exists(Path.Join(Root, Command[0])) ? null : $"there is no {Path.Join(Root, Command[0])}: the node was not installed whole";
}
