namespace Lazaret.Tests.EndToEnd;

/// <summary>A model without needs that is a line of busybox's shell.</summary>
internal static class BusyboxModel
{
    /// <summary>Writes image and manifest below <paramref name="folder"/>; the path of the manifest.</summary>
    public static string Write(string folder, string key, string script, string requires, string output)
    {
        Assert.SkipUnless(File.Exists("/bin/busybox") || Environment.GetEnvironmentVariable("CI") is not null, "needs busybox-static");
        var bin = Directory.CreateDirectory(Path.Combine(folder, key, "image", "bin")).FullName;
        File.Copy("/bin/busybox", Path.Combine(bin, "busybox"));
        var manifest = Path.Combine(folder, key, "manifest.yaml");
        File.WriteAllText(manifest, $$"""
            key: {{key}}
            version: 1.0.0
            accuracy: 0.5
            image: ./image
            command: [/bin/busybox, sh, -c, '{{script}}']
            requires: {{requires}}
            output: {{output}}
            """);
        return manifest;
    }
}
