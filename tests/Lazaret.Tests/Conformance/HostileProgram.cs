using System.Diagnostics;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Tests.Conformance;

/// <summary>data/hostile.c, compiled to one static file in a root folder that holds nothing else but a few pages to read.</summary>
internal static class HostileProgram
{
    private static readonly Lazy<string?> Root = new(Compile);
    private static readonly Lazy<bool> Calls32Bit = new(Call32Bit);

    /// <summary>Whether this machine's kernel takes calls of 32-bit programs. Some that run in a virtual machine themselves do not: the call is a fault there, before a filter is asked.</summary>
    public static bool HostTakes32BitCalls => Calls32Bit.Value;

    public static SandboxRun Run(params string[] arguments)
    {
        if (Root.Value is null && Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip("gcc is not there to compile the hostile program: apt install gcc libc6-dev");
        return SandboxUnderTest.Script("") with { Root = Root.Value!, Command = ["/hostile", .. arguments] };
    }

    /// <summary>The file <c>/pages</c>, on the host.</summary>
    public static CachedFile Pages => new(Path.Join(Root.Value, "pages"));

    private static bool Call32Bit()
    {
        using var call = Process.Start(Path.Join(Root.Value, "hostile"), "x86");
        call.WaitForExit();
        const int SegmentationFault = 128 + 11;
        return call.ExitCode switch { 0 => true, SegmentationFault => false, var exitCode => throw new InvalidOperationException($"a 32-bit call ended with {exitCode}") };
    }

    private static string? Compile()
    {
        var root = Directory.CreateTempSubdirectory("lazaret-hostile-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        File.SetUnixFileMode(root, (UnixFileMode)0b111_101_101);
        File.WriteAllBytes(Path.Join(root, "pages"), new byte[4 << 20]);
        var source = Path.Join(AppContext.BaseDirectory, "Conformance/data/hostile.c");
        try
        {
            using var compiler = Process.Start("gcc", ["-static", "-O1", "-o", Path.Join(root, "hostile"), source]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? root : throw new InvalidOperationException("gcc failed");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
