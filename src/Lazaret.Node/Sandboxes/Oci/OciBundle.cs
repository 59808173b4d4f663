using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary><c>config.json</c> over a stage that is laid out already (opencontainers/runtime-spec 1.0.2).</summary>
internal static class OciBundle
{
    private const int Nobody = 65534;

    public static byte[] Of(SandboxRun run, RunStage stage, RunIdentity identity, OciRuntime runtime) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["ociVersion"] = "1.0.2",
        ["hostname"] = "sandbox",
        ["root"] = new JsonObject { ["path"] = RunStage.Root, ["readonly"] = runtime.RemountsRoot },
        ["process"] = Process(run, identity),
        ["mounts"] = Mounts(run, stage),
        ["linux"] = new JsonObject
        {
            ["uidMappings"] = Mappings([(0, identity.RootUid), (Nobody, identity.Uid)]),
            ["gidMappings"] = Mappings([(0, identity.SharedGroup ?? identity.RootUid), (Nobody, identity.Uid)]),
            // No network namespace: it stays in the stage's, whose loopback is down.
            ["namespaces"] = Objects((string[])["user", "pid", "ipc", "uts", "mount", "cgroup"], type => new JsonObject { ["type"] = type }),
            // runsc and crun always create a control group; this is a child of the node's.
            ["cgroupsPath"] = "container",
            ["maskedPaths"] = Strings(RunStage.Masked),
            ["readonlyPaths"] = Strings(((string[])["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]).Where(Path.Exists)),
            ["seccomp"] = OciSeccomp.Of(SeccompProfile.Shipped, runtime.Unfiltered),
        },
    });

    private static JsonObject Process(SandboxRun run, RunIdentity identity) => new()
    {
        ["terminal"] = false,
        ["user"] = new JsonObject { ["uid"] = Nobody, ["gid"] = Nobody, ["additionalGids"] = identity.SharedGroup is null ? new JsonArray() : new JsonArray(0) },
        ["args"] = Strings([StartGate.Path, .. run.Command]),
        ["env"] = Strings(run.EnvironmentAt(SandboxPaths.Mounted).Select(variable => $"{variable.Key}={variable.Value}")),
        ["cwd"] = "/work",
        ["noNewPrivileges"] = true,
        ["capabilities"] = new JsonObject(((string[])["bounding", "effective", "inheritable", "permitted", "ambient"])
            .Select(set => KeyValuePair.Create(set, (JsonNode?)new JsonArray()))),
        ["rlimits"] = Objects(
            ResourceLimits.Of(run.Limits, own: 0),
            limit => new JsonObject { ["type"] = $"RLIMIT_{limit.Name.ToUpperInvariant()}", ["soft"] = limit.Value, ["hard"] = limit.Value }),
    };

    private static JsonArray Mounts(SandboxRun run, RunStage stage) =>
    [
        Mount("/proc", "proc", "proc", "nosuid", "nodev", "noexec"),
        Mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"),
        Mount("/dev/shm", "bind", RunStage.SharedMemory, "bind", "rw", "nosuid", "nodev"),
        Mount("/tmp", "bind", RunStage.Temporary, "bind", "rw", "nosuid", "nodev"),
        Mount("/work", "bind", RunStage.Work, "bind", "rw", "nosuid", "nodev"),
        // Each input is mounted over /work by itself: a mount point can be neither written, nor replaced, nor removed.
        .. run.Inputs.Keys.Select(name => Mount($"/work/{name}", "bind", $"{RunStage.Inputs}/{name}", "bind", "ro", "nosuid", "nodev")),
        // The other mounts come with the root (recursive bind).
        .. stage.Hidden().Select(path => Mount(path, "bind", RunStage.Root + path, "rbind", "ro", "nosuid", "nodev")),
    ];

    private static JsonObject Mount(string target, string type, string source, params ReadOnlySpan<string> options) => new()
    {
        ["destination"] = target,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Strings(options.ToArray()),
    };

    /// <summary>
    /// The program's user, and a root, without which there is no user namespace; no other process on the host uses these two ids. Where the program needs
    /// the shared group, that group is root's in the container, since gVisor opens files as root.
    /// </summary>
    private static JsonArray Mappings(IEnumerable<(int Inside, int Host)> ids) => Objects(
        ids,
        id => new JsonObject { ["containerID"] = id.Inside, ["hostID"] = id.Host, ["size"] = 1 });

    private static JsonArray Strings(IEnumerable<string> strings) => new([.. strings.Select(text => (JsonNode)text)]);

    private static JsonArray Objects<T>(IEnumerable<T> items, Func<T, JsonObject> of) => new([.. items.Select(item => (JsonNode)of(item))]);
}
