namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Whether KVM works here. A /dev/kvm proves little: under another hypervisor guests may hang in it. So a machine is booted once, and the
/// answer kept in a file until the host boots again.
/// </summary>
internal sealed class KvmProbe(string file)
{
    public const string Device = "/dev/kvm";

    private const string Works = "works";

    private readonly SharedTasks<bool> _probing = new();

    /// <param name="boots">Whether a machine boots by it.</param>
    public Task<bool> WorksAsync(Func<Task<bool>> boots, CancellationToken cancellationToken) =>
        File.Exists(Device) ? _probing.RunAsync(Device, () => KeptAsync(boots), cancellationToken) : Task.FromResult(false);

    private async Task<bool> KeptAsync(Func<Task<bool>> boots)
    {
        var host = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
        if (File.Exists(file) && (await File.ReadAllTextAsync(file)).Split(' ') is [var when, var what] && when == host)
            return what == Works;
        var works = await boots();
        await File.WriteAllTextAsync(file, $"{host} {(works ? Works : "hangs")}");
        return works;
    }
}
