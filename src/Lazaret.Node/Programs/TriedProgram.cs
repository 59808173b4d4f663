using Lazaret.Node.Images;

namespace Lazaret.Node.Programs;

/// <summary>A program that is tried and not registered: its image is gone when this is disposed of.</summary>
/// <param name="row">What the registry would hold of it.</param>
/// <param name="image">Its image, unpacked to a folder of its own.</param>
internal sealed class TriedProgram(RegisteredProgram row, UnpackedImage image) : IDisposable
{
    public RegisteredProgram Row { get; } = row;

    public string Root { get; } = Path.Combine(image.Folder!.Path, UnpackedImage.Copy);

    public void Dispose() => image.Dispose();
}
