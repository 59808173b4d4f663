namespace Lazaret.Node.Identity;

/// <summary>Who asks. Without an authentication mode everybody who reaches the loopback address is the same requester.</summary>
public sealed record Requester(string Name)
{
    public static readonly Requester Local = new("local");
}
