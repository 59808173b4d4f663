using System.Text.Json;
using Lazaret.Node.Images;
using Lazaret.Node.Jobs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Programs;

/// <summary>What the runs of all registered programs share: an image that still is what was registered, its environment, the site's bounds.</summary>
public sealed class ProgramRun(ProgramRegistry registry, PinnedImages images, SandboxOptions options)
{
    /// <summary>Whether the image is on this machine.</summary>
    public bool IsHere(RegisteredProgram program) => Directory.Exists(registry.Root(program));

    /// <summary>What this machine lacks of the images of a kind's programs. One that is being copied lacks a part, and one that was changed is another.</summary>
    public async Task<IReadOnlyList<Lack>> FindLacksAsync(ProgramKind kind, CancellationToken cancellationToken)
    {
        var (what, jobs) = kind == ProgramKind.Model ? ("models", JobKind.Diagnosis) : ("analyses", JobKind.Cohort);
        return
        [
            .. (await registry.ListAsync(kind, cancellationToken)).Where(program => !IsPinned(program)).Select(program => new Lack(
                what,
                IsHere(program)
                    ? $"the image of {program.Name} in {registry.Folder} is not what was registered: it was changed, or is not copied whole"
                    : $"the image of {program.Name} is not in {registry.Folder}: copy it from the machine where it was added",
                jobs,
                program.Name)),
        ];
    }

    /// <summary>Whether the image is as it was registered.</summary>
    public bool IsPinned(RegisteredProgram program) => images.Match(registry.Root(program), program.Content);

    /// <summary>The manifest's bounds, or the site's where those have become tighter since.</summary>
    public SandboxLimits Limits(ProgramManifest manifest) => options.Limits.Bound(manifest.Limits);

    /// <summary>The contract's variables over the image's own, over what every image may count on.</summary>
    public static Dictionary<string, string> Environment(RegisteredProgram program, params ReadOnlySpan<(string Name, string Value)> contract)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/tmp",
        };
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(program.Environment)!)
            environment[name] = value;
        foreach (var (name, value) in contract)
            environment[name] = value;
        return environment;
    }
}
