using System.Formats.Tar;
using Lazaret.Cohort.Files;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Backups;

/// <summary>What registered programs have beside the database, in a backup: their images, if these are to be held, and their signatures, which are small.</summary>
internal sealed class BackupImages(ImageStore images, StateFolder state, ProgramOptions options)
{
    private const string Restoring = "restoring-";
    private const int MaxSignature = 1 << 20;

    /// <summary>Whether the image is in the store, as it was registered.</summary>
    public bool IsHere(BackupManifest.Program program) => ImageDigest.Matches(images.Folder(program.Digest), program.Content);

    /// <exception cref="MissingException">An image is not in the store, or is not what was registered.</exception>
    public void Add(BackupWriter backup, IReadOnlyList<BackupManifest.Program> programs)
    {
        foreach (var program in programs.Where(program => File.Exists(SignatureFile(program.Name))))
        {
            using var signature = RegularFile.Open(SignatureFile(program.Name));
            backup.AddFile($"signatures/{program.Name}.sig", signature);
        }

        foreach (var program in programs.Where(program => program.ImageHeld).DistinctBy(program => program.Digest))
            backup.AddImage(FolderOf(program), images.Folder(program.Digest));
    }

    /// <summary>Lays images and signatures where they belong; what is there already stays.</summary>
    /// <exception cref="InvalidDataException">What is held is not what was registered.</exception>
    public async Task RestoreAsync(string file, IReadOnlyList<BackupManifest.Program> programs, CancellationToken cancellationToken)
    {
        using var turn = await images.TakeTurnAsync(cancellationToken);
        LockedFolder.Sweep(state.Models, Restoring);
        foreach (var program in programs.Where(program => program.ImageHeld && !IsHere(program)).DistinctBy(program => program.Digest))
            RestoreImage(file, program);
        var signatures = programs.ToDictionary(program => $"signatures/{program.Name}.sig", program => SignatureFile(program.Name), StringComparer.Ordinal);
        foreach (var entry in BackupArchive.Read(file))
        {
            if (!signatures.TryGetValue(entry.Name, out var place) || entry.DataStream is null || entry.Length > MaxSignature || File.Exists(place))
                continue;
            await using var copy = BackupWriter.Create(place);
            await entry.DataStream.CopyToAsync(copy, cancellationToken);
        }
    }

    private void RestoreImage(string file, BackupManifest.Program program)
    {
        using var folder = LockedFolder.Make(state.Models, Restoring);
        var copy = Path.Combine(folder.Path, "image");
        // First the whole tree, so that no name leads out of it; then the files' contents.
        var tree = new ImageTree(options.ImageLimits);
        var files = new Dictionary<string, ImageFile>(StringComparer.Ordinal);
        foreach (var (path, entry) in Entries(file, program))
        {
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    tree.AddFolder(path);
                    break;
                case TarEntryType.SymbolicLink:
                    tree.AddLink(path, entry.LinkName);
                    break;
                case TarEntryType.RegularFile:
                    files.Add(path, tree.AddFile(path, entry.Length, (entry.Mode & UnixFileMode.UserExecute) != 0));
                    break;
                default:
                    throw ImageFault.Holds("what is neither file, folder nor link", path);
            }
        }

        var writer = new ImageWriter(tree, copy);
        foreach (var (path, entry) in Entries(file, program).Where(held => held.Entry.EntryType == TarEntryType.RegularFile))
            writer.Write(files[path], entry.DataStream ?? Stream.Null);
        writer.Finish();
        if (!ImageDigest.Matches(copy, program.Content))
            throw new InvalidDataException($"its image of {program.Name} is not what was registered");
        images.Remove(program.Digest);
        Directory.Move(copy, images.Folder(program.Digest));
    }

    private static IEnumerable<(string Path, TarEntry Entry)> Entries(string file, BackupManifest.Program program) => BackupArchive.Read(file)
        .Where(entry => entry.Name.StartsWith($"{FolderOf(program)}/", StringComparison.Ordinal))
        .Select(entry => (entry.Name[(FolderOf(program).Length + 1)..].TrimEnd('/'), entry));

    private static string FolderOf(BackupManifest.Program program) => $"images/{program.Digest.Replace(':', '-')}";

    private string SignatureFile(string name) => Path.Combine(state.Models, $"{name}.sig");
}
