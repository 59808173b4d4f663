using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// The states of machines that have booted and wait for their input, one for each size, kernel, init and QEMU. No run has been in one: it
/// is made of an empty machine, and read by each run afresh.
/// </summary>
internal sealed class QemuTemplates(string folder, TimeProvider time)
{
    private const int Kept = 8;

    private readonly SharedTasks<bool> _making = new();
    private readonly Lazy<string> _version = new(Version);

    /// <summary>The file with the state of such a machine; null when it cannot be made, and the machine must boot.</summary>
    public async Task<string?> FindAsync(Machine machine, bool withKvm, Func<Task<ReadOnlyMemory<byte>>> make, CancellationToken cancellationToken)
    {
        var file = Path.Join(folder, $"{Key(machine, withKvm)}.state");
        if (!File.Exists(file) && !await _making.RunAsync(file, () => MakeAsync(file, make), cancellationToken))
            return null;
        File.SetLastAccessTimeUtc(file, time.GetUtcNow().UtcDateTime);
        return file;
    }

    private async Task<bool> MakeAsync(string file, Func<Task<ReadOnlyMemory<byte>>> make)
    {
        var state = await make();
        if (state.IsEmpty)
            return false;
        Directory.CreateDirectory(folder);
        // Another node with the same state folder may be making it, too.
        var unfinished = $"{file}.{Environment.ProcessId}";
        try
        {
            await File.WriteAllBytesAsync(unfinished, state);
            SharedFile.Install(unfinished, file);
        }
        finally
        {
            File.Delete(unfinished);
        }

        Prune();
        return true;
    }

    /// <summary>Deletes a state that could not be restored; the next run makes a new one.</summary>
    public void Forget(string file) => File.Delete(file);

    private void Prune()
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.state").OrderByDescending(file => file.LastAccessTimeUtc).Skip(Kept))
            file.Delete();
    }

    private string Key(Machine machine, bool withKvm) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"{machine.Kernel} {machine.Initramfs} {machine.MemoryMiB} {machine.Processors} {withKvm} {Machine.CommandLine("t")} {_version.Value}"))));

    private static string Version()
    {
        using var qemu = System.Diagnostics.Process.Start(new ProcessStartInfo($"/usr{QemuCommand.Program}", ["--version"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var version = qemu.StandardOutput.ReadToEnd();
        qemu.WaitForExit();
        return version;
    }
}
