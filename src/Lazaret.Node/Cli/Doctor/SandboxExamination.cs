using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Which sandboxes run here.</summary>
internal static class SandboxExamination
{
    private const string Script = "deploy/systemd/lazaret";

    /// <param name="probes">What each backend can do here, the strongest first.</param>
    /// <param name="configured">The configured backend, or <see cref="SandboxBackends.Auto"/>.</param>
    /// <param name="besideUnits">Whether the node's units are installed and this process is not one of theirs: a shell has no control group of its own, and they have one.</param>
    /// <param name="chosen">The backend that runs programs; null where none does.</param>
    public static IReadOnlyList<Finding> Run(IReadOnlyList<(string Backend, SandboxProbe Probe)> probes, string configured, bool besideUnits, out string? chosen)
    {
        string? name = configured == SandboxBackends.Auto
            ? probes.TakeWhile(probe => !probe.Probe.IsRefused).FirstOrDefault(probe => probe.Probe is { Available: true, OnlyByName: false }).Backend
            : configured;
        chosen = name;
        var findings = probes.Select(probe => Of(probe.Backend, probe.Probe)).ToList();
        if (name is not null)
            return findings;
        findings.Add(probes.Any(probe => IsForTheUnits(probe.Probe))
            ? Finding.No("sandbox", "none runs in this shell, which has no control group of its own; the node's services have one", AsService, needed: false)
            : Finding.No("sandbox", "none runs here: see above", Tools.Missing("bwrap").Any() ? "apt-get install bubblewrap" : "mend what the lines above name, the first of them first"));
        return findings;

        Finding Of(string backend, SandboxProbe probe)
        {
            var isChosen = backend == name;
            var why = string.Join(". ", probe.Lacks.Prepend(probe.Why).Prepend(isChosen ? "chosen" : "").Where(text => text.Length > 0));
            return IsForTheUnits(probe)
                ? Finding.No($"sandbox {backend}", why, AsService, needed: false)
                : new Finding($"sandbox {backend}", probe.Available, isChosen, why, probe.Available ? "" : MendOf(probe));
        }

        bool IsForTheUnits(SandboxProbe probe) => besideUnits && probe.Why == UnboundedMemory.Refusal;
    }

    private static string AsService => $"look as they do: install -m 755 {Shipped.File(Script)} /usr/local/sbin/lazaret && /usr/local/sbin/lazaret doctor";

    private static string MendOf(SandboxProbe probe) =>
        probe.Mend.Length > 0 ? probe.Mend : Finding.OwnMendOf(probe.Why) is { } own ? $"{own} (docs/sandboxes.md)" : "docs/sandboxes.md says what it needs";
}
