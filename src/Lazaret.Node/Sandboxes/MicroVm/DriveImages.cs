using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Folders and files of the host as squashfs images, uncompressed, made once and kept in the state folder under the fingerprint of what
/// they were made of. The least recently used go when all together are over their bound.
/// </summary>
internal sealed class DriveImages(string folder, long capacity, TimeProvider time)
{
    private const string Making = ".making-";

    /// <summary>The program's user id in the machine.</summary>
    private const string Nobody = "65534";

    private const string Data = "data";

    private static readonly string[] DataOptions = ["-force-uid", Nobody, "-force-gid", Nobody];

    private readonly SharedTasks<bool> _making = new();

    /// <summary>The image of a program's root; what the sandbox lays over it is left out.</summary>
    public Task<string> OfRootAsync(string root, CancellationToken cancellationToken) =>
        OfAsync("root", Fingerprint(root), image => Make(root, image, ["-all-root", "-e", "work", "data", "tmp", "proc", "dev"]), cancellationToken);

    /// <summary>
    /// The image of a folder, or of one file without its neighbors. All in it is the program's own, which could otherwise not read what is
    /// closed to others on the host.
    /// </summary>
    public Task<string> OfMountAsync(string source, CancellationToken cancellationToken) =>
        OfAsync(Data, Fingerprint(source), image => Make(source, image, DataOptions), cancellationToken);

    /// <summary>
    /// The same of exactly what is at the path, without a link on the way. It stays open while the image is made, so that replacing a folder on the
    /// way has no effect.
    /// </summary>
    /// <exception cref="SandboxException">A link is there or on the way, or nothing is there.</exception>
    public async Task<string> OfExactMountAsync(string source, CancellationToken cancellationToken)
    {
        using var exact = LinuxCalls.OpenWithoutLinks(source) ?? throw RunStage.Exchanged();
        var meant = LinuxCalls.Status(exact);
        if (meant.IsFolder)
        {
            using var readable = LinuxCalls.OpenAnew(exact);
            return await OfAsync(
                Data, ImageDigest.Fingerprint(readable), image => Make($"{LinuxCalls.ForTools(exact)}/.", image, DataOptions), cancellationToken, exact);
        }

        var name = Path.GetFileName(source);
        using var parent = LinuxCalls.OpenWithoutLinks(Path.GetDirectoryName(source)!) ?? throw RunStage.Exchanged();
        return await OfAsync(
            Data, ImageDigest.Fingerprint(meant, name), image => Make($"{LinuxCalls.ForTools(parent)}/{name}", image, DataOptions, CheckName), cancellationToken, parent);

        void CheckName()
        {
            if (LinuxCalls.TryStatus(parent, name) is not { } read || (read.Inode, read.Device) != (meant.Inode, meant.Device))
                throw RunStage.Exchanged();
        }
    }

    /// <summary>Deletes what a killed node was still making.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, $"*{Making}*"))
        {
            if (!Directory.Exists($"/proc/{file[(file.LastIndexOf('-') + 1)..]}"))
                File.Delete(file);
        }
    }

    /// <param name="open">What must stay open until the image is made, also if the caller stops waiting.</param>
    private async Task<string> OfAsync(string kind, string fingerprint, Func<string, bool> make, CancellationToken cancellationToken, SafeFileHandle? open = null)
    {
        var image = Path.Join(folder, $"{kind}-{fingerprint}.squashfs");
        if (!File.Exists(image))
            await _making.RunAsync(image, Start, cancellationToken);
        File.SetLastAccessTimeUtc(image, time.GetUtcNow().UtcDateTime);
        return image;

        Task<bool> Start()
        {
            var isKept = false;
            open?.DangerousAddRef(ref isKept);
            return RunThread.Start($"image of {kind}", () =>
            {
                try
                {
                    return make(image);
                }
                finally
                {
                    if (isKept)
                        open!.DangerousRelease();
                }
            });
        }
    }

    /// <summary>Makes an image under another name, and renames it when it is whole.</summary>
    /// <param name="check">Throws when something else than was meant has been read.</param>
    private bool Make(string source, string image, string[] options, Action? check = null)
    {
        Directory.CreateDirectory(folder);
        var unfinished = $"{image}{Making}{Environment.ProcessId}";
        try
        {
            using var maker = System.Diagnostics.Process.Start(Tools.Start(
                "setpriv",
                [
                    "--pdeathsig", "KILL", Tools.Path("mksquashfs"), source, unfinished, "-noappend", "-noI", "-noD", "-noF", "-noX", "-no-xattrs",
                    "-mkfs-time", "0", "-root-time", "0", "-no-recovery", "-no-progress", "-quiet", "-processors", "1", .. options,
                ]))!;
            var ignored = maker.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var said = maker.StandardError.ReadToEnd();
            maker.WaitForExit();
            if (maker.ExitCode != 0)
                throw new SandboxException($"mksquashfs could not make an image: {said.ReplaceLineEndings(" ").Trim()}");
            check?.Invoke();
            SharedFile.Install(unfinished, image);
            Prune(image);
            return true;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static string Fingerprint(string source) =>
        Directory.Exists(source) ? ImageDigest.Fingerprint(source)
        // The message does not say which one: a path may name a subject.
        : LinuxCalls.StatusOfEntry(source) is { } file ? ImageDigest.Fingerprint(file, Path.GetFileName(source))
        : throw new SandboxException("a file or folder that a program is to be given is gone");

    private void Prune(string justMade)
    {
        var total = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.squashfs").OrderByDescending(file => file.LastAccessTimeUtc))
        {
            total += file.Length;
            // Whoever has one open keeps it until it is closed.
            if (total > capacity && file.FullName != justMade)
                file.Delete();
        }
    }
}
