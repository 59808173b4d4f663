namespace Lazaret.Node.Images;

/// <summary>Why something is no image that this node takes. The words that strangers chose are shown with their control characters made visible.</summary>
internal static class ImageFault
{
    /// <summary>The image holds what no image may.</summary>
    public static InvalidDataException Holds(string what, Exception? cause = null) => new($"the image holds {what}", cause);

    /// <inheritdoc cref="Holds(string, Exception?)"/>
    public static InvalidDataException Holds(string what, string path, Exception? cause = null) => Holds($"{what}: {ImagePath.Shown(path)}", cause);

    public static InvalidDataException Changed() => new("the image changed while it was read");

    public static InvalidDataException EndsEarly() => new("the image ends in the middle of a file");
}
