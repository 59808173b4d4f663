using System.Text;
using Lazaret.Node.Sandboxes;

namespace Lazaret.SandboxBench;

/// <summary>A program with its root folder, as every sandbox and the peer run it.</summary>
internal sealed record Workload(string Name, SandboxRun Run)
{
    public const string Output = "output.json";

    /// <summary>busybox's shell, which writes an empty output.</summary>
    public static Workload NoOp(string folder)
    {
        var root = Path.Combine(folder, "no-op");
        // The folders that podman mounts something on, and cannot make in a root that is read only.
        foreach (var name in (string[])["bin", "work", "tmp", "proc", "dev", "sys", "etc", "run"])
            Directory.CreateDirectory(Path.Combine(root, name));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"), overwrite: true);
        return new("no-op", Of(root, ["/bin/busybox", "sh", "-c", $": >/work/{Output}"], "input.json", "{}"u8.ToArray()));
    }

    /// <summary>The sample model: .NET, one small file.</summary>
    public static Workload News2(string built) => new("NEWS2", Of(
        Path.Combine(built, "samples/sepsis-news2/image"),
        ["/model/run"],
        "input.json",
        Encoding.UTF8.GetBytes(
            """
            {"model":{"key":"sepsis","version":"1.0.0"},"subject":"3f1c","observations":{
            "9279-1":{"value":22,"unit":"/min","age_seconds":60},"59408-5":{"value":95,"unit":"%","age_seconds":60},
            "8480-6":{"value":104,"unit":"mm[Hg]","age_seconds":60},"8867-4":{"value":112,"unit":"/min","age_seconds":60},
            "8310-5":{"value":38.4,"unit":"Cel","age_seconds":1800}}}
            """)));

    /// <summary>The built-in analysis on 24 subjects: .NET, with the data view.</summary>
    public static Workload Analysis(string built, string site)
    {
        var map = File.ReadAllBytes(Path.Combine(site, "maps/main.nii.gz"));
        return new("analysis", Of(Path.Combine(built, "guest"), ["/guest/lazaret-guest"], "map.nii.gz", map) with
        {
            Mounts = [new ReadOnlyMount(site, "/data")],
            Environment = _ => new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DATA_DIR"] = "/data", ["MAP_PATH"] = "/work/map.nii.gz", ["OUT_JSON"] = $"/work/{Output}", ["OUTCOME"] = "UPDRS_change",
            },
        });
    }

    private static SandboxRun Of(string root, string[] command, string input, byte[] bytes) => new()
    {
        Id = "bench",
        Root = root,
        Command = command,
        Environment = _ => new Dictionary<string, string>(StringComparer.Ordinal) { ["INPUT_JSON"] = "/work/input.json", ["OUT_JSON"] = $"/work/{Output}" },
        Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [input] = bytes },
        Output = Output,
        Limits = new SandboxLimits { Memory = 256 << 20, Pids = 32 },
    };
}
