namespace Lazaret.Tests;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lazaret-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
    }

    /// <summary>Makes a folder that nobody else may enter, as a state folder must be.</summary>
    public string MakePrivate(string name) =>
        Directory.CreateDirectory(this[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>Copies a folder with all that is in it; its new path.</summary>
    public string Copy(string folder, string name)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var copy = this[System.IO.Path.Combine(name, System.IO.Path.GetRelativePath(folder, file))];
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return this[name];
    }

    /// <summary>A pipe that nobody writes to: whoever opens it plainly waits for ever.</summary>
    public string MakePipe(string name)
    {
        using var make = System.Diagnostics.Process.Start("mkfifo", [this[name]]);
        make.WaitForExit();
        return File.Exists(this[name]) ? this[name] : throw new InvalidOperationException($"mkfifo made no {this[name]}");
    }

    public void Dispose()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 1000)
            {
                // Something that was just stopped wrote a last file.
                Thread.Yield();
            }
        }
    }
}
