using Lazaret.Node.Configuration;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>Section <c>Lazaret:Sandbox:MicroVm</c>.</summary>
public sealed record MicroVmOptions
{
    public const string Auto = "auto";
    public const string Qemu = "qemu";
    public const string Firecracker = "firecracker";

    /// <summary><c>auto</c> (the default: <c>qemu</c> where it works, otherwise <c>firecracker</c>) or one of the two.</summary>
    public string Driver { get; init; } = Auto;

    /// <summary>Whether QEMU's machines are restored from a template where there is one, rather than booted. Default true.</summary>
    public bool Templates { get; init; } = true;

    /// <summary>How much disk the images of roots and data views may take, in MiB. Default 20480; 64 to 16777216.</summary>
    public int ImagesMiB { get; init; } = 20_480;

    /// <summary>Where Firecracker's jailer makes its folders; they hold a run's input while it lasts. Default <c>/run/lazaret/firecracker</c>; an absolute path.</summary>
    public string Jails { get; init; } = "/run/lazaret/firecracker";

    internal void Check(OptionFaults faults)
    {
        faults.OneOf("Sandbox:MicroVm:Driver", Driver, Auto, Qemu, Firecracker);
        faults.Range("Sandbox:MicroVm:ImagesMiB", ImagesMiB, 64, 1 << 24);
        if (!Path.IsPathFullyQualified(Jails))
            faults.Add("Sandbox:MicroVm:Jails", $"'{Jails}' is no absolute path");
    }
}
