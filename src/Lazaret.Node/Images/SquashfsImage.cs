using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Images;

/// <summary>
/// A squashfs file. unsquashfs never writes to disk: it prints what the file holds, first every entry and then the files' content one
/// after another (its pseudo file format), and what it prints is checked and written like a layer.
/// </summary>
internal sealed class SquashfsImage : ImageSource
{
    private const string Tool = "unsquashfs";
    private const int MaxLine = 32 << 10;

    private static readonly byte[] DataFollows = [.. "# START OF DATA - DO NOT MODIFY"u8];

    private readonly SourceEntry _file;
    private readonly ImageLimits _limits;
    private ImageTree _tree = null!;

    /// <summary>In the order in which their content comes.</summary>
    private List<ImageFile> _files = [];

    public SquashfsImage(SourceEntry file, ImageLimits limits)
    {
        _file = file;
        _limits = limits;
        if (Tools.Missing(Tool).Any())
            throw new InvalidDataException("it is a squashfs file, and unsquashfs is not here to read it: apt install squashfs-tools");
        if (file.Status.Size > (ulong)limits.Bytes)
            throw Fault($"is larger than {limits.Bytes >> 20} MiB");
        using var content = Content();
        Digest = DigestOf(content);
        Read(LinuxCalls.ForTools(file.Handle), _ => { });
    }

    public override string Digest { get; }

    /// <summary>unsquashfs reads a copy that the image's author cannot write to. It reads parts of the file several times, and the digest was made of one reading.</summary>
    public override string Unpack(string folder)
    {
        var copy = $"{folder}.squashfs";
        using (var content = Content())
        using (var kept = new FileStream(copy, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            content.CopyTo(kept);
            kept.Position = 0;
            if (DigestOf(kept) != Digest)
                throw ImageFault.Changed();
        }

        Read(copy, content =>
        {
            var writer = new ImageWriter(_tree, folder);
            foreach (var file in _files)
                writer.Write(file, content);
            writer.Finish();
            if (content.ReadByte() >= 0)
                throw Unreadable();
        });
        File.Delete(copy);
        return ImageDigest.Of(folder);
    }

    public override void Dispose() => _file.Dispose();

    // At most as much as the file held when it was opened: a file that is being written to may have no end.
    private HeadStream Content() => new(_file.Read(), (long)_file.Status.Size);

    private static string DigestOf(Stream file) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>Has unsquashfs list the file, and hands on the content that it prints behind the list.</summary>
    private void Read(string file, Action<Stream> withContent)
    {
        // It reads what a stranger wrote: bounded in memory, and unable to write a file at all.
        var start = Tools.Start("prlimit", ["--as=2147483648", "--fsize=0", "--core=0", "--", Tools.Path(Tool), "-no-progress", "-quiet", "-p", "1", "-da", "64", "-fr", "64", "-pf", "/dev/stdout", file]);
        start.RedirectStandardInput = true;
        using var tool = Process.Start(start)!;
        tool.StandardInput.Close();
        var complaint = tool.StandardError.ReadToEndAsync();
        try
        {
            using var output = new BufferedStream(tool.StandardOutput.BaseStream, 1 << 16);
            ReadList(output);
            withContent(output);
            output.CopyTo(Stream.Null);
            tool.WaitForExit();
            if (tool.ExitCode != 0 || complaint.Result.Length > 0)
                throw Unreadable();
        }
        finally
        {
            if (!tool.HasExited)
                tool.Kill();
            tool.WaitForExit();
        }
    }

    private void ReadList(Stream output)
    {
        _tree = new ImageTree(_limits);
        _files = [];
        long content = 0;
        var names = new List<(string Path, string Existing)>();
        while (true)
        {
            var line = ReadLine(output);
            if (line.AsSpan().SequenceEqual(DataFollows))
                break;
            if (line is [] or [(byte)'#', ..])
                continue;
            var (path, rest) = SplitName(Encoding.UTF8.GetString(line));
            Place(path, rest, names, ref content);
        }

        if (ReadLine(output) is not [(byte)'#'])
            throw Unreadable();
        // A second name may stand before the first.
        foreach (var (path, existing) in names)
            _tree.AddName(path, existing);
    }

    // TYPE TIME MODE UID GID …: for a file its length and the offset of its content; for a link its target.
    private void Place(string path, string rest, List<(string Path, string Existing)> names, ref long content)
    {
        var fields = rest.Split(' ', 6);
        switch (fields)
        {
            case ["D", _, _, _, _]:
                if (path != "/")
                    _tree.AddFolder(path);
                break;
            case ["S", _, _, _, _, var target]:
                _tree.AddLink(path, target);
                break;
            case ["L", ..]:
                names.Add((path, SplitName(rest[2..] + ' ').Name));
                break;
            case ["R", _, var mode, _, _, var place] when place.Split(' ') is [var length, var offset, ..]
                && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start == content
                && mode.All(digit => digit is >= '0' and <= '7'):
                // The executable bits of any of the three.
                _files.Add(_tree.AddFile(path, size, mode.TakeLast(3).Any(digit => (digit - '0' & 1) != 0)));
                content += size;
                break;
            case ["I" or "B" or "C", ..]:
                throw ImageFault.Holds("what is neither file, folder nor link", path);
            default:
                throw Unreadable();
        }
    }

    /// <summary>A name up to the first space that no backslash stands before, and what follows the space.</summary>
    private static (string Name, string Fields) SplitName(string line)
    {
        var name = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == ' ')
                return (name.ToString(), line[(i + 1)..]);
            if (line[i] == '\\' && ++i == line.Length)
                break;
            name.Append(line[i]);
        }

        throw Unreadable();
    }

    private static byte[] ReadLine(Stream stream)
    {
        var line = new ArrayBufferWriter<byte>();
        int value;
        while ((value = stream.ReadByte()) != '\n')
        {
            if (value < 0 || line.WrittenCount == MaxLine)
                throw Unreadable();
            line.GetSpan(1)[0] = (byte)value;
            line.Advance(1);
        }

        return line.WrittenSpan.ToArray();
    }

    private static InvalidDataException Unreadable() => Fault("cannot be read");

    private static InvalidDataException Fault(string why) => new($"the squashfs file {why}");
}
