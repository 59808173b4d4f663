using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Backups;

/// <summary>Writes a <see cref="BackupArchive"/> that its owner alone may read. The file has its name once it is complete and on the disk.</summary>
internal sealed class BackupWriter : IDisposable
{
    private readonly string _file;
    private readonly string _part;
    private readonly FileStream _stream;
    private readonly TarWriter _archive;
    private readonly StringBuilder _sums = new();

    /// <exception cref="InputException">There is such a file already.</exception>
    public BackupWriter(string file)
    {
        _file = file;
        _part = PartOf(file);
        _stream = Create(_part);
        _archive = new TarWriter(_stream, TarEntryFormat.Pax, leaveOpen: true);
    }

    /// <summary>Makes a new file beside the backup, for the database's copy.</summary>
    public static string PartOf(string file, string what = "part") => $"{file}.{what}";

    public static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, UnixCreateMode = OwnFile.Mode });
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new InputException($"{path}: is there already: another backup is being written, or was interrupted and left it: delete it then");
        }
    }

    public void AddFile(string name, Stream content, bool executable = false)
    {
        using var hashed = new HashedStream(content);
        _archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = OwnFile.Mode | (executable ? UnixFileMode.UserExecute : 0), DataStream = hashed });
        _sums.Append(BackupArchive.Line(name, hashed.Digest()));
    }

    /// <summary>An unpacked image, below a folder of the archive.</summary>
    public void AddImage(string name, string root)
    {
        using var folder = LinuxCalls.OpenTrustedFolder(root);
        foreach (var entry in FolderWalk.Of(folder))
        {
            var path = $"{name}/{entry.Path}";
            if (entry.Status.IsFolder)
            {
                _archive.WriteEntry(new PaxTarEntry(TarEntryType.Directory, path) { Mode = OwnFile.FolderMode });
            }
            else if (entry.Status.IsLink)
            {
                _archive.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = entry.Target });
            }
            else
            {
                using var content = new FileStream(entry.Open(), FileAccess.Read);
                AddFile(path, content, entry.IsExecutable);
            }
        }
    }

    /// <summary>Ends the archive, writes it to the disk and gives it its name; the SHA-256 of the file.</summary>
    /// <exception cref="InputException">There is such a file by now.</exception>
    public byte[] Finish()
    {
        using (var sums = new MemoryStream(Encoding.UTF8.GetBytes(_sums.ToString())))
            _archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupArchive.Sums) { Mode = OwnFile.Mode, DataStream = sums });
        _archive.Dispose();
        _stream.Flush(flushToDisk: true);
        if (File.Exists(_file))
            throw new InputException($"{_file}: is there already, and a backup overwrites nothing");
        _stream.Position = 0;
        var digest = SHA256.HashData(_stream);
        File.Move(_part, _file, overwrite: false);
        return digest;
    }

    public void Dispose()
    {
        try
        {
            _archive.Dispose();
            _stream.Dispose();
        }
        catch (IOException)
        {
            // A full disk; whoever wrote has the same exception.
        }
        finally
        {
            // After Finish there is none any more.
            File.Delete(_part);
        }
    }

    /// <summary>Hashes what is read through it.</summary>
    private sealed class HashedStream(Stream inner) : ReadOnlyStream(inner)
    {
        private readonly Stream _inner = inner;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override int Read(Span<byte> buffer)
        {
            var read = _inner.Read(buffer);
            _hash.AppendData(buffer[..read]);
            return read;
        }

        public byte[] Digest() => _hash.GetCurrentHash();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
