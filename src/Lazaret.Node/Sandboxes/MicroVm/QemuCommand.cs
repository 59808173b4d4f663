using System.Globalization;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>QEMU's microvm machine on the command line: one serial line, drives in fixed order, nothing else.</summary>
internal static class QemuCommand
{
    public const string Program = "/bin/qemu-system-x86_64";

    // Inside of the jail.
    public const string KernelFile = "/machine/kernel";
    public const string InitramfsFile = "/machine/initramfs";
    public const string StateFile = "/machine/state";
    public const string RootFile = "/machine/root";
    public const string InputFile = "/work/input";
    public const string OutputFile = "/work/output";

    private const string Tcg = "tcg,tb-size=64";

    /// <summary>What a template sees in place of a drive: larger than any, since the guest keeps the size that it saw first.</summary>
    private const string Nothing = "driver=null-co,read-zeroes=on,size=1099511627776";

    public static string DataFile(int index) => string.Create(CultureInfo.InvariantCulture, $"/machine/data{index}");

    /// <summary>Boots the machine.</summary>
    public static string[] Boot(Machine machine, bool kvm) => [.. Hardware(machine, kvm), .. System(), .. Drives(machine), "-serial", "stdio", "-monitor", "none"];

    /// <summary>Goes on where the template stopped, whose state is read from descriptor 9.</summary>
    public static string[] Restore(Machine machine, bool kvm) =>
        [.. Hardware(machine, kvm), .. Drives(machine), "-serial", "stdio", "-monitor", "none", "-incoming", "fd:9"];

    /// <summary>Boots a machine without any drive, to be told on its monitor to write its state down.</summary>
    public static string[] Template(Machine machine, bool kvm, string console) =>
    [
        .. Hardware(machine, kvm), .. System(),
        .. Drive("root", $"{Nothing},read-only=on"), .. Drive("input", $"{Nothing},read-only=on"), .. Drive("output", Nothing), .. NoData(0),
        "-serial", $"file:{console}", "-monitor", "stdio",
    ];

    /// <remarks>mem-merge: the host's kernel shall not look for pages that this machine and another have alike.</remarks>
    private static string[] Hardware(Machine machine, bool kvm) =>
    [
        "-M", "microvm,x-option-roms=off,isa-serial=on,acpi=on,mem-merge=off", "-accel", kvm ? "kvm" : Tcg, "-cpu", kvm ? "host" : "max",
        "-m", machine.MemoryMiB.ToString(CultureInfo.InvariantCulture), "-smp", machine.Processors.ToString(CultureInfo.InvariantCulture),
        "-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-L", "/share/qemu", "-L", "/share/seabios",
    ];

    private static string[] System() => ["-kernel", KernelFile, "-initrd", InitramfsFile, "-append", Machine.CommandLine("t")];

    private static IEnumerable<string> Drives(Machine machine) =>
    [
        .. Drive("root", $"{File(RootFile)},read-only=on"), .. Drive("input", $"{File(InputFile)},read-only=on"), .. Drive("output", File(OutputFile)),
        .. machine.Data.SelectMany((_, index) => Drive($"data{index}", $"{File(DataFile(index))},read-only=on")),
        .. NoData(machine.Data.Count),
    ];

    /// <summary>A restored machine must have the devices of its template.</summary>
    private static IEnumerable<string> NoData(int first) =>
        Enumerable.Range(first, Machine.DataDrives - first).SelectMany(index => Drive($"data{index}", $"{Nothing},read-only=on"));

    /// <summary>
    /// Without locks, and without dropping the file from the page cache at a restore: the system call filter refuses both, and they are not
    /// needed, since no other process writes to a drive.
    /// </summary>
    private static string File(string path) => $"driver=raw,file.driver=file,file.locking=off,file.drop-cache=off,file.filename={path}";

    private static string[] Drive(string name, string backing) => ["-blockdev", $"{backing},node-name={name}", "-device", $"virtio-blk-device,drive={name}"];
}
