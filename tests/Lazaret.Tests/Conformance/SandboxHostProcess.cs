using System.Globalization;

namespace Lazaret.Tests.Conformance;

/// <summary>A process of this machine, as the host sees it.</summary>
internal sealed record SandboxHostProcess(int Pid, int Parent, int Uid, string CommandLine)
{
    public static SandboxHostProcess[] All() =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where char.IsAsciiDigit(Path.GetFileName(folder)[0])
           let process = Read(folder)
           where process is not null
           select process,
    ];

    /// <summary>Null when it is gone by now.</summary>
    private static SandboxHostProcess? Read(string folder)
    {
        try
        {
            var status = File.ReadLines(Path.Join(folder, "status")).Select(line => line.Split('\t')).ToLookup(words => words[0], words => words[1]);
            // A zombie is gone but for its parent, which after the death of a node is the machine's init, to take note.
            return status["State:"].First()[0] == 'Z'
                ? null
                : new SandboxHostProcess(
                    int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
                    int.Parse(status["PPid:"].First(), CultureInfo.InvariantCulture),
                    int.Parse(status["Uid:"].First(), CultureInfo.InvariantCulture),
                    File.ReadAllText(Path.Join(folder, "cmdline")));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
