using System.Diagnostics;
using System.Runtime.InteropServices;
using Lazaret.Node.Linux;

namespace Lazaret.Tests.Linux;

public sealed partial class FolderDeletionTests : IDisposable
{
    private const int CurrentFolder = -100;
    private const uint RenameExchange = 2;

    private readonly TemporaryFolder _folder = new();

    public FolderDeletionTests() => _folder.Write("precious/file", "kept");

    [Fact]
    public void A_link_is_deleted_and_what_it_leads_to_stays()
    {
        _folder.Write("doomed/inner/file", "");
        Directory.CreateSymbolicLink(_folder["doomed/inner/link"], _folder["precious"]);
        Directory.CreateSymbolicLink(_folder["link"], _folder["precious"]);
        FolderDeletion.Delete(_folder["doomed"]);
        FolderDeletion.Delete(_folder["link"]);
        FolderDeletion.Delete(_folder["nothing/at/all"]);
        Assert.Equal([_folder["precious"]], Directory.GetFileSystemEntries(_folder.Path));
        Assert.True(File.Exists(_folder["precious/file"]));
    }

    [Fact]
    public void Folders_nested_beyond_the_longest_path_and_names_that_are_no_text_go_too()
    {
        Shell($$"""
            mkdir {{_folder["doomed"]}} && cd {{_folder["doomed"]}}
            touch "$(printf 'a\\377b')" ./-rf 'new
            line'
            for i in $(seq 600); do mkdir 0123456789 && cd ./0123456789; done
            echo deep >file
            """);
        FolderDeletion.Delete(_folder["doomed"]);
        Assert.False(Directory.Exists(_folder["doomed"]));
    }

    [Fact]
    public void What_linux_refuses_is_an_io_exception_with_the_error_number()
    {
        const int NoSuchEntry = 2;
        const int NotAFolder = 20;
        using var file = LinuxCalls.OpenEntry(_folder["precious/file"])!;
        Assert.Equal(NotAFolder, Assert.Throws<IOException>(() => FolderDeletion.Delete(file, LinuxCalls.EntryName("below"))).HResult);
        Assert.Equal(NoSuchEntry, Assert.Throws<IOException>(() => LinuxCalls.OpenFolder(_folder["nothing"])).HResult);
        Assert.Equal(NoSuchEntry, Assert.Throws<IOException>(() => ChildProcess.Start(["/nothing/here"])).HResult);
    }

    [Fact]
    public void Folders_that_are_closed_to_their_own_user_go_too()
    {
        _folder.Write("doomed/closed/inner/file", "");
        File.SetUnixFileMode(_folder["doomed/closed/inner"], UnixFileMode.None);
        File.SetUnixFileMode(_folder["doomed/closed"], UnixFileMode.None);
        FolderDeletion.Delete(_folder["doomed"]);
        Assert.False(Directory.Exists(_folder["doomed"]));
    }

    /// <summary>Whichever of the two it meets at whatever moment: what the link leads to is never gone through.</summary>
    [Fact]
    public void Whoever_exchanges_a_folder_for_a_link_meanwhile_deletes_nothing_elsewhere()
    {
        using var over = new CancellationTokenSource();
        var exchanging = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
                _ = Exchange(CurrentFolder, _folder["doomed/swapped"], CurrentFolder, _folder["other"], RenameExchange);
        });
        exchanging.Start();
        try
        {
            for (var i = 0; i < 2000; i++)
            {
                // What could not be deleted, since it was exchanged after it had been looked at, is still there.
                if (!Directory.Exists(_folder["doomed"]))
                    LayFolderAndLink();
                try
                {
                    FolderDeletion.Delete(_folder["doomed"]);
                }
                catch (IOException)
                {
                    // It was neither when it was looked at again.
                }

                Assert.True(File.Exists(_folder["precious/file"]), $"in round {i}");
            }
        }
        finally
        {
            over.Cancel();
            exchanging.Join();
        }
    }

    [Fact]
    public void No_path_passes_for_a_name() =>
        Assert.All((string[])["", ".", "..", "a/b", "/etc", "a\0"], name => Assert.Throws<ArgumentException>(() => LinuxCalls.EntryName(name)));

    public void Dispose() => _folder.Dispose();

    // Whichever of them the last deletion left.
    private void LayFolderAndLink()
    {
        if (!Path.Exists(_folder["other"]))
            Directory.CreateSymbolicLink(_folder["other"], _folder["precious"]);
        Directory.CreateDirectory(_folder["doomed"]);
        if (new FileInfo(_folder["other"]).LinkTarget is not null)
            Directory.CreateDirectory(_folder["doomed/swapped"]);
        else
            Directory.CreateSymbolicLink(_folder["doomed/swapped"], _folder["precious"]);
    }

    private static void Shell(string script)
    {
        using var shell = Start(script);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static Process Start(string script) => Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { UseShellExecute = false })!;

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Exchange(int folder, string one, int otherFolder, string other, uint options);
}
