using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;

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

    private readonly SharedTasks<bool> _making = new();

    /// <summary>The image of a program's root; what the sandbox lays over it is left out.</summary>
    public Task<string> OfRootAsync(string root, CancellationToken cancellationToken) =>
        OfAsync(root, "root", ["-all-root", "-e", "work", "data", "tmp", "proc", "dev"], cancellationToken);

    /// <summary>
    /// The image of a folder, or of one file without its neighbors. All in it is the program's own, which could otherwise not read what is
    /// closed to others on the host.
    /// </summary>
    public Task<string> OfMountAsync(string source, CancellationToken cancellationToken) =>
        OfAsync(source, "data", ["-force-uid", Nobody, "-force-gid", Nobody], cancellationToken);

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

    private async Task<string> OfAsync(string source, string kind, string[] options, CancellationToken cancellationToken)
    {
        var image = Path.Join(folder, $"{kind}-{Fingerprint(source)}.squashfs");
        if (!File.Exists(image))
            await _making.RunAsync(image, () => RunThread.Start($"image of {kind}", () => Make(source, image, options)), cancellationToken);
        File.SetLastAccessTimeUtc(image, time.GetUtcNow().UtcDateTime);
        return image;
    }

    /// <summary>Named when it is whole.</summary>
    private bool Make(string source, string image, string[] options)
    {
        Directory.CreateDirectory(folder);
        var unfinished = $"{image}{Making}{Environment.ProcessId}";
        try
        {
            using var maker = System.Diagnostics.Process.Start(new ProcessStartInfo(
                Tools.Path("setpriv"),
                [
                    "--pdeathsig", "KILL", Tools.Path("mksquashfs"), source, unfinished, "-noappend", "-noI", "-noD", "-noF", "-noX", "-no-xattrs",
                    "-mkfs-time", "0", "-no-recovery", "-no-progress", "-quiet", "-processors", "1", .. options,
                ])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var ignored = maker.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var said = maker.StandardError.ReadToEnd();
            maker.WaitForExit();
            if (maker.ExitCode != 0)
                throw new SandboxException($"mksquashfs could not make an image: {said.ReplaceLineEndings(" ").Trim()}");
            SharedFile.Install(unfinished, image);
            Prune(image);
            return true;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static string Fingerprint(string source)
    {
        if (Directory.Exists(source))
            return ImageDigest.Fingerprint(source);
        var parent = Path.GetDirectoryName(Path.GetFullPath(source))!;
        using var opened = LinuxCalls.OpenFolder(parent);
        var status = LinuxCalls.Status(opened, Path.GetFileName(source));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"{status.Inode} {status.Mode} {status.Size} {status.Modified} {status.Changed} {Path.GetFileName(source)}"))));
    }

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
