namespace Lazaret.Node.Programs;

/// <summary>The files of a program that came each by itself, and not in a folder of their own.</summary>
/// <param name="Manifest">The manifest's path; the others lie beside it.</param>
/// <param name="Image">The image's name.</param>
/// <param name="Signature">The signature's name; null where none came.</param>
internal sealed record ProgramFiles(string Manifest, string Image, string? Signature)
{
    /// <summary>The manifest, with these names in place of those that it gives: those were the names where it was written.</summary>
    /// <exception cref="InputException">It names a signature and none came, or the other way round.</exception>
    public ProgramManifest Place(ProgramManifest manifest) => (manifest.Signature, Signature) switch
    {
        (not null, null) => throw new InputException($"{Manifest}: signature: the manifest names {manifest.Signature}, and that file did not come"),
        (null, not null) => throw new InputException($"{Manifest}: signature: a file came, and the manifest names none: write 'signature: {Signature}' into it, or leave the file out"),
        _ => manifest with { Image = Image, Signature = Signature },
    };
}
