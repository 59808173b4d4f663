namespace Lazaret.Node.Configuration;

internal static class NodeVersion
{
    /// <summary>The node's version: 0.1.0.</summary>
    public static string Current { get; } = typeof(NodeVersion).Assembly.GetName().Version!.ToString(3);
}
