namespace Lazaret.Node.Images.Oci;

/// <summary>Why an OCI layout or archive cannot be read. <see cref="ImageFault"/> says what no image may hold.</summary>
internal static class OciFault
{
    public static InvalidDataException Layout(string why, Exception? cause = null) => new($"the layout {why}", cause);

    /// <summary>It has no file of this name.</summary>
    public static InvalidDataException Lacks(string name) => new($"there is no {name} in it: it is no OCI layout");

    public static InvalidDataException Version(string version) => new($"the layout's version is {ImagePath.Shown(version)}; 1.0.0 is read");

    public static InvalidDataException Archive(string why) => new($"the archive {why}");

    public static InvalidDataException Image(string why) => new($"the image {why}");

    public static InvalidDataException Configuration(string why) => new($"the image's configuration {why}");

    public static InvalidDataException Layers(string why) => new($"the image's layers {why}");

    public static InvalidDataException Layer(string digest, string why) => new($"the layer {digest} {why}");

    public static InvalidDataException Blob(string digest, string why) => new($"the blob {digest} {why}");

    public static InvalidDataException File(string name, string why, Exception? cause = null) => new($"{name} {why}", cause);
}
