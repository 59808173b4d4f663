using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using CsvHelper.Configuration;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>One table of the view as text: RFC 4180, UTF-8, LF or CRLF. Lines that are not sound are left out and reported.</summary>
internal sealed class CsvTable
{
    private const int MaxFileBytes = 256 << 20;
    private const int MaxFieldChars = 64 << 10;

    private readonly string[] _columns;

    private CsvTable(string file, string[] columns, IReadOnlyList<CsvLine> lines) => (File, _columns, Lines) = (file, columns, lines);

    public string File { get; }

    public IReadOnlyList<string> Columns => _columns;

    public IReadOnlyList<CsvLine> Lines { get; }

    /// <summary>The column's index, or −1.</summary>
    public int IndexOf(string column) => Array.IndexOf(_columns, column);

    public Fault FaultAt(CsvLine line, int column, string message) => new(File, line.Number, column + 1, $"{Quoted.Bare(_columns[column])} {message}");

    /// <summary>Reads what is sound; a table that is missing or unreadable comes back empty, with the fault.</summary>
    public static CsvTable Read(string directory, string file, string[] required, FaultList<Fault> faults)
    {
        var columns = Array.Empty<string>();
        var lines = new List<CsvLine>();
        if (ReadText(directory, file, faults) is { } text)
        {
            foreach (var line in Parse(text, file, faults))
            {
                if (columns.Length == 0)
                    columns = CheckColumns(line, file, required, faults);
                else if (line.Fields.Length == columns.Length)
                    lines.Add(line);
                else
                    faults.Add((file, line, columns), static of => new Fault(of.file, of.line.Number, 0, $"{of.line.Fields.Length} fields, expected {of.columns.Length}"));
            }

            if (columns.Length == 0)
                faults.Add(new Fault(file, 0, 0, "the table is empty: its first line names the columns"));
        }

        var complete = Array.TrueForAll(required, name => columns.Contains(name));
        return new CsvTable(file, columns, complete ? lines : []);
    }

    private static string? ReadText(string directory, string file, FaultList<Fault> faults)
    {
        var path = Path.Combine(directory, file);
        byte[] bytes;
        try
        {
            var target = FinalFile.Of(path);
            if (target is { Exists: true, Length: > MaxFileBytes })
            {
                faults.Add(new Fault(file, 0, 0, $"larger than {MaxFileBytes} bytes"));
                return null;
            }

            // A pipe, too, says that it holds nothing, and reading it could wait for ever.
            bytes = target is { Exists: true, Length: 0 } ? [] : System.IO.File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(file, 0, 0, exception is FileNotFoundException or DirectoryNotFoundException ? "the file is missing" : "the file cannot be read"));
            return null;
        }

        var content = bytes.AsSpan();
        if (content.StartsWith("\uFEFF"u8))
            content = content[3..];
        if (Utf8.IsValid(content))
            return Encoding.UTF8.GetString(content);
        Span<char> sink = new char[content.Length];
        Utf8.ToUtf16(content, sink, out var sound, out _, replaceInvalidSequences: false);
        faults.Add(new Fault(file, 1 + content[..sound].Count((byte)'\n'), 0, "not UTF-8"));
        return null;
    }

    private static IEnumerable<CsvLine> Parse(string text, string file, FaultList<Fault> faults)
    {
        var stray = false;
        using var parser = new CsvParser(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Mode = CsvMode.RFC4180,
            IgnoreBlankLines = false,
            BadDataFound = _ => stray = true,
        });
        for (var next = 1; parser.Read(); next = parser.RawRow + 1)
        {
            stray = false;
            var fields = parser.Record!;
            if (fields is [""])
                continue;
            if (stray || parser.RawRecord.AsSpan().Count('"') % 2 != 0)
                faults.Add(new Fault(file, next, 0, "a quote that is not closed, not doubled, or not around the whole field"));
            else if (Array.Exists(fields, field => field.Length > MaxFieldChars))
                faults.Add(new Fault(file, next, 0, $"a field of more than {MaxFieldChars} characters"));
            else
                yield return new CsvLine(next, fields);
        }
    }

    private static string[] CheckColumns(CsvLine header, string file, string[] required, FaultList<Fault> faults)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < header.Fields.Length; i++)
        {
            if (header.Fields[i].Length == 0)
                faults.Add(new Fault(file, header.Number, i + 1, "a column without a name"));
            else if (!seen.Add(header.Fields[i]))
                faults.Add(new Fault(file, header.Number, i + 1, $"a second column {Quoted.Bare(header.Fields[i])}"));
        }

        foreach (var name in required.Where(name => !seen.Contains(name)))
            faults.Add(new Fault(file, header.Number, 0, $"column {name} is missing"));
        return header.Fields;
    }
}

/// <param name="Number">The line on which the record begins.</param>
internal sealed record CsvLine(int Number, string[] Fields);
