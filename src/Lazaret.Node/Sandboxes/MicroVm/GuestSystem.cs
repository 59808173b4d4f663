using System.Text.Json;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>What <c>lazaret sandbox build</c> makes: a kernel, an initramfs with our init, and what both were made of.</summary>
/// <param name="Release">The kernel's version and flavor, as <c>uname -r</c> would say.</param>
/// <param name="Compiler">The first line of <c>gcc --version</c>.</param>
/// <param name="Sources">SHA-256 over everything they were made of: the same again needs no new build.</param>
/// <param name="Kernel">SHA-256 of the kernel, an ELF file.</param>
/// <param name="Initramfs">SHA-256 of the initramfs.</param>
internal sealed record GuestSystem(string Release, string Compiler, string Sources, string Kernel, string Initramfs)
{
    private const string Manifest = "manifest.json";
    private const int MaxManifestBytes = 64 << 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string KernelPath(string folder, string digest) => Path.Join(folder, $"vmlinux-{digest}");

    public static string InitramfsPath(string folder, string digest) => Path.Join(folder, $"initramfs-{digest}");

    /// <summary>A program's root with our init as its program, <c>/init</c>, which then does nothing but make a file: what a probe runs.</summary>
    public static string NoOpRoot(string folder) => Path.Join(folder, "no-op");

    /// <summary>What was built into a folder; null when nothing was.</summary>
    public static GuestSystem? Read(string folder)
    {
        try
        {
            var built = JsonSerializer.Deserialize<GuestSystem>(RegularFile.ReadAllBytes(Path.Join(folder, Manifest), MaxManifestBytes), Json);
            return built is not null && File.Exists(KernelPath(folder, built.Kernel)) && File.Exists(InitramfsPath(folder, built.Initramfs)) ? built : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>From now on machines boot this system. The old one is deleted; a machine that has it open keeps it until it is closed.</summary>
    public void Install(string folder)
    {
        var unfinished = Path.Join(folder, $"{Manifest}.new");
        File.WriteAllText(unfinished, JsonSerializer.Serialize(this, Json));
        File.Move(unfinished, Path.Join(folder, Manifest), overwrite: true);
        foreach (var file in Directory.EnumerateFiles(folder, "vmlinux-*").Concat(Directory.EnumerateFiles(folder, "initramfs-*")))
        {
            if (file != KernelPath(folder, Kernel) && file != InitramfsPath(folder, Initramfs))
                File.Delete(file);
        }
    }
}
