using System.Diagnostics;
using Lazaret.Fhir.Validation;
using Lazaret.Node.Linux;

namespace Lazaret.Tests.Sandboxes;

public sealed class FolderDeletionTests : IDisposable
{
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
            touch "$(printf 'a\\377b')" '-rf' 'new
            line'
            for i in $(seq 600); do mkdir 0123456789 && cd ./0123456789; done
            echo deep >file
            """);
        FolderDeletion.Delete(_folder["doomed"]);
        Assert.False(Directory.Exists(_folder["doomed"]));
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

    /// <summary>Whichever of the two it meets at whatever moment: the other folder is never gone through.</summary>
    [Fact]
    public void Whoever_exchanges_a_folder_for_a_link_meanwhile_deletes_nothing_elsewhere()
    {
        using var swapper = Start($$"""
            cd {{_folder.Path}}
            ln -s precious link
            while :; do
                mkdir -p doomed/d; : >doomed/d/file
                mv -T doomed/d away 2>/dev/null && mv -T link doomed/d 2>/dev/null
                mv -T doomed/d link 2>/dev/null; rm -rf away; [ -L link ] || ln -sfn precious link
            done
            """);
        try
        {
            for (var i = 0; i < 300; i++)
            {
                try
                {
                    FolderDeletion.Delete(_folder["doomed"]);
                }
                catch (IOException)
                {
                    // Something was put into it meanwhile.
                }
            }

            Assert.True(File.Exists(_folder["precious/file"]));
        }
        finally
        {
            swapper.Kill();
            swapper.WaitForExit();
        }
    }

    [Fact]
    public void No_path_passes_for_a_name() =>
        Assert.All((string[])["", ".", "..", "a/b", "/etc", "a\0"], name => Assert.Throws<ArgumentException>(() => LinuxCalls.EntryName(name)));

    public void Dispose() => _folder.Dispose();

    private static void Shell(string script)
    {
        using var shell = Start(script);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static Process Start(string script) => Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { UseShellExecute = false })!;
}
