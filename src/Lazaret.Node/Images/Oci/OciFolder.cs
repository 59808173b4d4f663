namespace Lazaret.Node.Images.Oci;

/// <summary>A layout as a folder.</summary>
internal sealed class OciFolder(SourceFolder folder) : OciFiles
{
    public override Stream? Open(string name)
    {
        using var file = folder.Find(name, out _);
        return file is { Status.IsRegularFile: true } ? file.Read() : null;
    }

    public override void Dispose() => folder.Dispose();
}
