namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>A program that does nothing, out of the host's own tools: what a probe runs.</summary>
internal static class NoOp
{
    public static SandboxRun Run { get; } = new()
    {
        Id = "probe",
        Root = "/usr",
        Command = ["/bin/sh", "-c", ": >\"$WORK/done\""],
        Environment = paths => new Dictionary<string, string>(StringComparer.Ordinal) { ["WORK"] = paths.Work },
        Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal),
        Output = "done",
        Reach = [],
        IsOurs = true,
        Limits = new SandboxLimits { Timeout = TimeSpan.FromSeconds(10) },
    };
}
