namespace Lazaret.Tests.Models;

/// <summary>A manifest, <c>manifest.yaml</c>, and its image, <c>image</c>, that holds one small script.</summary>
internal static class TinyModel
{
    public static string Write(TemporaryFolder folder, string version, string accuracy = "0.9", string program = "#!/bin/sh\n", bool signed = false, string requires = "")
    {
        var run = Path.Combine(folder["image"], "model/run");
        Directory.CreateDirectory(Path.GetDirectoryName(run)!);
        File.WriteAllText(run, program);
        File.SetUnixFileMode(run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(folder["manifest.yaml"], $$$"""
            key: sepsis
            version: {{{version}}}
            accuracy: {{{accuracy}}}
            image: ./image
            command: [/model/run]
            output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}
            {{{(requires.Length > 0 ? $"requires: {requires}" : "")}}}
            {{{(signed ? "signature: ./image.sig" : "")}}}
            """);
        return folder["manifest.yaml"];
    }
}
