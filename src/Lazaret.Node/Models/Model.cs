using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>A registered version with its manifest read.</summary>
/// <param name="Row">The registry's row.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Root">The folder of its image.</param>
public sealed record Model(RegisteredProgram Row, ModelManifest Manifest, string Root)
{
    public string Name => Row.Name;
}
