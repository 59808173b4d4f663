using System.Globalization;

namespace Lazaret.Tests.Conformance;

/// <summary>A process of this machine, as the host sees it.</summary>
internal sealed record SandboxHostProcess(int Uid, string CommandLine)
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
            var uid = File.ReadLines(Path.Join(folder, "status")).First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return new SandboxHostProcess(
                int.Parse(uid.Split('\t')[1], CultureInfo.InvariantCulture),
                File.ReadAllText(Path.Join(folder, "cmdline")));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
