namespace Lazaret.Node;

/// <summary>What a node process does.</summary>
internal enum NodeRole
{
    All,
    Api,
    Work,
}
