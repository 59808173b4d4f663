using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Lazaret.Node.Sandboxes;

namespace Lazaret.SandboxBench;

/// <summary>The usual way: <c>podman run</c> with every option that hardens it, and a work folder of the host.</summary>
internal static class Podman
{
    /// <summary>Why it cannot run this here; null when it can.</summary>
    public static string? FaultOf(SandboxRun run)
    {
        try
        {
            Run(run);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return e.Message.TrimEnd();
        }
    }

    public static void Run(SandboxRun run)
    {
        var work = Directory.CreateTempSubdirectory("lazaret-bench-");
        try
        {
            File.SetUnixFileMode(work.FullName, (UnixFileMode)0b111_111_111);
            foreach (var (name, bytes) in run.Inputs)
                File.WriteAllBytes(Path.Combine(work.FullName, name), bytes.Span);
            var start = new ProcessStartInfo("podman")
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList =
                {
                    "--runtime=runc", "run", "--rm", "--network=none", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL",
                    "--security-opt=no-new-privileges", "--user=65534:65534", "--log-driver=none",
                    string.Create(CultureInfo.InvariantCulture, $"--pids-limit={run.Limits.Pids}"),
                    string.Create(CultureInfo.InvariantCulture, $"--memory={run.Limits.Memory}"), "--cpus=1",
                    "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096", "--tmpfs=/tmp", $"--volume={work.FullName}:/work", "--workdir=/work",
                },
            };
            foreach (var mount in run.Mounts)
                start.ArgumentList.Add($"--volume={mount.Source}:{mount.Target}:ro");
            foreach (var (name, value) in run.Environment(SandboxPaths.Mounted))
                start.ArgumentList.Add($"--env={name}={value}");
            start.ArgumentList.Add("--rootfs");
            start.ArgumentList.Add(run.Root);
            foreach (var word in run.Command)
                start.ArgumentList.Add(word);
            using var podman = Process.Start(start)!;
            var error = podman.StandardError.ReadToEnd();
            podman.WaitForExit();
            if (podman.ExitCode != 0 || !File.Exists(Path.Combine(work.FullName, run.Output)))
                throw new InvalidOperationException($"podman ended with {podman.ExitCode}: {error}");
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
