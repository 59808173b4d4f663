namespace Lazaret.Node.Cli.Doctor;

/// <summary>Files that come with the node.</summary>
internal static class Shipped
{
    /// <summary>Where the package has it; otherwise it is in the checkout.</summary>
    /// <param name="path">From the checkout's root.</param>
    public static string File(string path) => System.IO.File.Exists($"/usr/share/doc/lazaret/{path}") ? $"/usr/share/doc/lazaret/{path}" : path;
}
