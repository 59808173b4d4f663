namespace Lazaret.Node.Images.Oci;

/// <summary>The files of an OCI layout, wherever they lie.</summary>
internal abstract class OciFiles : IDisposable
{
    /// <summary>Null when there is no regular file of this name.</summary>
    public abstract Stream? Open(string name);

    public abstract void Dispose();
}
