using System.Globalization;

namespace Lazaret.Node.Sandboxes.Confinement.ControlGroups;

/// <summary>The control groups of an ordinary user's runs, below the node's own group where that was delegated.</summary>
internal static class UserGroups
{
    private const string Prefix = "lazaret-";

    private static int s_last;

    /// <summary>A group for one run; null where none can be made.</summary>
    public static ControlGroup? TryTake() => ControlGroup.TryCreate(
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_last)}"));

    /// <summary>Removes the groups of nodes that were killed.</summary>
    public static void Sweep()
    {
        foreach (var folder in ControlGroupTree.FindOwn(Prefix))
        {
            if (Path.GetFileName(folder)[Prefix.Length..].Split('-') is [var node, _]
                && int.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && !Directory.Exists($"/proc/{process}"))
                ControlGroupTree.Remove(folder);
        }
    }
}
