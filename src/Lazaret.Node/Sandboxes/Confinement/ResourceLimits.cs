using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The limits on each process of a run, beside those of <see cref="ControlGroup"/> on all of them together. They are no substitute: shared
/// memory, sockets' buffers and page tables count in none of them.
/// </summary>
internal static class ResourceLimits
{
    /// <param name="limits">The run's.</param>
    /// <param name="own">How many processes the sandbox has of its own under the program's user id.</param>
    /// <returns>By their names: <c>nproc</c> is setrlimit's RLIMIT_NPROC.</returns>
    public static (string Name, long Value)[] Of(SandboxLimits limits, int own) =>
    [
        ("nproc", limits.Pids + own),
        ("data", limits.Memory),
        // The usual. Stacks do not count as data.
        ("stack", 8 << 20),
        ("fsize", Math.Max(limits.Work, limits.Temp)),
        ("nofile", 1024),
        ("memlock", 65536),
        ("msgqueue", 0),
        ("sigpending", 1024),
        // Not 0, with which the kernel still hands a dump to a core_pattern that is a program.
        ("core", 1),
    ];

    /// <summary>What stands before a command: not even root may change the limits of another user's process without a capability for that.</summary>
    public static IEnumerable<string> Command(SandboxLimits limits, int own) =>
        [Tools.Path("prlimit"), .. Of(limits, own).Select(limit => FormattableString.Invariant($"--{limit.Name}={limit.Value}")), "--"];
}
