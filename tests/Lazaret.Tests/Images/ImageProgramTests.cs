using Lazaret.Node.Images;

namespace Lazaret.Tests.Images;

public sealed class ImageProgramTests : IDisposable
{
    private const string Program = "/model/run";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("#!/bin/sh\n", null)]
    [InlineData("#! /bin/sh -e\n", null)]
    [InlineData("#!/bin/sh", null)]
    [InlineData("#!/bin/sh\necho\r\n", null)]
    [InlineData("", null)]
    [InlineData("#!/bin/sh\r\necho\r\n", "/model/run has lines that end as on Windows")]
    [InlineData("\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0002\0\u003e\0", null)]
    [InlineData("\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0\u0002\0\u00b7\0", "/model/run is of another processor than x86-64")]
    [InlineData("\u007fELF", null)]
    public void What_Linux_could_not_start_is_named(string text, string? fault)
    {
        Write(text, executable: true);
        Assert.StartsWith(fault ?? "fine", ImageProgram.Fault(_folder.Path, Program) ?? "fine", StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_what_may_not_be_executed_or_is_not_there()
    {
        Assert.Equal("it holds no file /model/run, which the manifest's command names", ImageProgram.Fault(_folder.Path, Program));
        Write("#!/bin/sh\n", executable: false);
        Assert.Equal("/model/run, which the manifest's command names, may not be executed: chmod +x", ImageProgram.Fault(_folder.Path, Program));
        Assert.Equal("it holds no file /model, which the manifest's command names", ImageProgram.Fault(_folder.Path, "/model"));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string text, bool executable)
    {
        _folder.Write("model/run", "");
        // One byte a character: the head of an ELF file is no text.
        File.WriteAllBytes(_folder["model/run"], System.Text.Encoding.Latin1.GetBytes(text));
        File.SetUnixFileMode(_folder["model/run"], UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
    }
}
