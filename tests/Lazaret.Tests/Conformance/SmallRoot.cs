using System.Diagnostics;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Tests.Conformance;

/// <summary>
/// The few of the host's tools that the scripts of the conformance suite use, with their libraries, below folders of the same names: for a
/// backend that must copy a program's root, and should not copy all of /usr.
/// </summary>
internal sealed class SmallRoot(ISandbox sandbox) : ISandbox
{
    private const string Script =
        """
        cd "$1"
        for entry in /usr/*; do mkdir -p "./${entry##*/}"; done
        for tool in bash dash sh basename cat chmod cut date dd echo env false grep head hostname id ln ls mkdir mkfifo mv ps readlink rm rmdir \
                    seq setsid sleep sort stat tail touch tr true truncate uname wc; do
            file=$(command -v "/usr/bin/$tool") || continue
            cp --dereference "$file" bin/
            for library in $(ldd "$file" | grep -o '/[^ ]*'); do
                mkdir -p "./${library%/*}"
                cp --dereference --no-clobber "$library" "./$library"
            done
        done
        chmod -R a+rX .
        """;

    private static readonly Lazy<string> Made = new(Make);

    public string Name => sandbox.Name;

    public Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken) => sandbox.ProbeAsync(cancellationToken);

    public Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken) =>
        sandbox.RunAsync(run.Root == "/usr" ? run with { Root = Made.Value } : run, cancellationToken);

    private static string Make()
    {
        var root = Directory.CreateTempSubdirectory("lazaret-small-root-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        using var script = Process.Start("/bin/bash", ["-ec", Script, "sh", root]);
        script.WaitForExit();
        return script.ExitCode == 0 ? root : throw new InvalidOperationException("the small root could not be made");
    }
}
