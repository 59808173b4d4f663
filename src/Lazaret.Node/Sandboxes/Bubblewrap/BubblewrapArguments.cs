using System.Text;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>What bubblewrap is told, over a stage that is laid out already.</summary>
internal static class BubblewrapArguments
{
    /// <summary>The descriptors of <see cref="BubblewrapPipes"/>.</summary>
    public const int ArgumentsDescriptor = 3;

    public const int StatusDescriptor = 4;
    public const int FilterDescriptor = 5;
    public const int StartDescriptor = 6;

    /// <summary>Each ended by a zero byte, as bubblewrap reads them from a descriptor.</summary>
    public static byte[] Of(SandboxRun run, RunStage stage)
    {
        List<string> arguments =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup", "--disable-userns",
            "--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--cap-drop", "ALL",
            "--die-with-parent", "--new-session", "--json-status-fd", $"{StatusDescriptor}", "--seccomp", $"{FilterDescriptor}",
            "--block-fd", $"{StartDescriptor}", "--clearenv",
        ];
        foreach (var (name, value) in run.EnvironmentAt(SandboxPaths.Mounted))
            arguments.AddRange("--setenv", name, value);
        arguments.AddRange("--ro-bind", RunStage.Root, "/", "--proc", "/proc");
        foreach (var path in RunStage.Masked)
            arguments.AddRange("--ro-bind", Directory.Exists(path) ? RunStage.Nothing : "/dev/null", path);
        // No terminals in /dev/pts: the host has a number of them for all.
        arguments.AddRange("--dev", "/dev", "--ro-bind", RunStage.Nothing, "/dev/pts", "--bind", RunStage.SharedMemory, "/dev/shm");
        foreach (var device in run.Devices)
            arguments.AddRange("--dev-bind", device, device);
        arguments.AddRange("--remount-ro", "/dev");
        arguments.AddRange("--bind", RunStage.Temporary, "/tmp", "--bind", RunStage.Work, "/work");
        // Laid over /work one by one: a mount point can be neither written, nor replaced, nor removed.
        foreach (var name in run.Inputs.Keys)
            arguments.AddRange("--ro-bind", $"{RunStage.Inputs}/{name}", $"/work/{name}");
        // The root brings the other mounts along.
        foreach (var path in stage.Hidden())
            arguments.AddRange("--ro-bind", RunStage.Root + path, path);
        arguments.AddRange("--chdir", "/work");
        return Encoding.UTF8.GetBytes(string.Concat(arguments.Select(argument => argument + '\0')));
    }
}
