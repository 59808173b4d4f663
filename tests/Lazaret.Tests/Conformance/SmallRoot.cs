using System.Diagnostics;

namespace Lazaret.Tests.Conformance;

/// <summary>
/// The few of the host's tools that the scripts of the conformance suite use, with their libraries, below folders of the same names: a
/// program's root is brought into memory before each run, and by some backends copied, which takes too long for all of /usr.
/// </summary>
internal static class SmallRoot
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

    public static string Folder => Made.Value;

    private static string Make()
    {
        var root = Directory.CreateTempSubdirectory("lazaret-small-root-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        using var script = Process.Start("/bin/bash", ["-ec", Script, "sh", root]);
        script.WaitForExit();
        return script.ExitCode == 0 ? root : throw new InvalidOperationException("the small root could not be made");
    }
}
