using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// One table of the view as text: RFC 4180, UTF-8, with LF, CRLF or CR. Lines that are not sound are left out and reported; a table without a
/// sound first line, or beyond the bounds, is left out as a whole.
/// </summary>
internal sealed class CsvTable
{
    private const int MaxBytes = 64 << 20;
    private const int MaxLines = 1 << 20;
    private const int MaxTaken = 1000;
    private const int MaxCells = 16 << 20;

    private readonly string[] _columns;

    private CsvTable(string file, string[] columns, IReadOnlyList<CsvLine>? lines) => (File, _columns, Lines, IsRead) = (file, columns, lines ?? [], lines is not null);

    /// <summary>An empty table, for use before one is read.</summary>
    public static CsvTable None { get; } = new("", [], null);

    public string File { get; }

    /// <summary>Whether the table could be read at all. If not, its own fault says everything, and nothing is compared with it.</summary>
    public bool IsRead { get; }

    public IReadOnlyList<string> Columns => _columns;

    /// <summary>The texts that stand for a missing value.</summary>
    public IReadOnlyList<string> MissingTexts { get; private init; } = [];

    /// <summary>Whether a comma separates fields. Then a comma that is meant before decimals separates fields, too.</summary>
    public bool HasCommas { get; private init; }

    public IReadOnlyList<CsvLine> Lines { get; }

    /// <summary>How many cells of a column were emptied, by the text that stood in them.</summary>
    public IEnumerable<(string Text, int Cells)> TakenOf(int column) => Taken.Where(taken => taken.Key.Column == column).Select(taken => (taken.Key.Text, taken.Value));

    private IReadOnlyDictionary<(int Column, string Text), int> Taken { get; init; } = new Dictionary<(int, string), int>();

    /// <summary>The column's index; −1 when the table does not have it.</summary>
    public int IndexOf(string column) => Array.IndexOf(_columns, column);

    /// <summary>A place for faults of the table's rows.</summary>
    public RowFaults RowFaults() => new(File, _columns);

    public Fault FaultAt(CsvLine line, int column, string message) => new(File, line.Number, column + 1, $"{Quoted.Bare(_columns[column])} {message}");

    /// <summary>Reads what is sound; a table that is missing or unreadable comes back empty, with the fault.</summary>
    public static CsvTable Read(string directory, string file, string[] required, TableFormat format, FaultList<Fault> faults)
    {
        if (ReadText(directory, file, faults) is not { } text)
            return new CsvTable(file, [], null);
        if (WrongSeparator(text, required, format) is { } strange)
        {
            faults.Add(new Fault(file, 1, 0, strange));
            return new CsvTable(file, [], null);
        }

        using var records = new CsvRecords(text, format.Separator).Read().GetEnumerator();
        if (format.SeparatorBy is not null && text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            records.MoveNext();
        if (!records.MoveNext() || records.Current is not { Wrong: null, Line: var header })
        {
            faults.Add(records.Current is { Wrong: { } wrong, Line.Number: var number }
                ? new Fault(file, number, 0, wrong)
                : new Fault(file, 0, 0, "the table is empty: its first line names the columns"));
            return new CsvTable(file, [], null);
        }

        var columns = CheckColumns(header, file, required, faults);
        var lines = new List<CsvLine>();
        var wrongs = new RowFaults(file, columns);
        var taken = new Dictionary<(int Column, string Text), int>();
        while (records.MoveNext())
        {
            var (line, wrong) = records.Current;
            if (wrong is null && line.Fields.Length != columns.Length)
                wrong = string.Create(CultureInfo.InvariantCulture, $"{line.Fields.Length} fields, expected {columns.Length}{(format.Separator == ',' && line.Fields.Skip(columns.Length).Any(field => field.Length > 0) ? ": put a field that holds a comma in quotes" : "")}");
            if (wrong is not null)
            {
                wrongs.Add(line, wrong);
                continue;
            }

            if (lines.Count == MaxLines || (long)lines.Count * columns.Length > MaxCells)
            {
                wrongs.AddTo(faults);
                faults.Add(new Fault(file, line.Number, 0, string.Create(CultureInfo.InvariantCulture, $"the table is larger than {MaxLines} lines, or {MaxCells} fields in all")));
                return new CsvTable(file, columns, null);
            }

            lines.Add(line with { Fields = Values(line, columns, required) });
        }

        wrongs.AddTo(faults);
        return new CsvTable(file, columns, required.All(columns.Contains) ? lines : null) { HasCommas = format.Separator == ',', MissingTexts = format.Missing, Taken = taken };

        // Keys are compared exactly as they are written.
        string[] Values(CsvLine line, string[] columns, string[] keys) =>
        [
            .. line.Fields.Select((field, column) =>
            {
                if (keys.Contains(columns[column]))
                    return field;
                var value = format.Read(field, out var wrong);
                if (wrong is not null)
                    wrongs.Add(line, column, wrong);
                // Texts that mean a missing value may be written in as many ways as there are cells: only so many are counted.
                else if (value.Length == 0 && field.Length > 0 && (taken.Count < MaxTaken || taken.ContainsKey((column, field))))
                    taken[(column, field)] = taken.GetValueOrDefault((column, field)) + 1;
                return value;
            }),
        ];
    }

    /// <summary>One fault for a table whose fields are divided by another separator than the site's, in place of one fault per line.</summary>
    private static string? WrongSeparator(string text, string[] required, TableFormat format)
    {
        var first = text.AsSpan(0, Math.Min(text.Length, CsvRecords.MaxFieldChars));
        if (first.IndexOfAny('\r', '\n') is >= 0 and var end)
            first = first[..end];
        if (first.TrimStart('"').StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
        {
            return first.Length == 5 && first[4] == format.Separator && format.SeparatorBy is not null
                ? null
                : $"the first line is Excel's 'sep=': remove it, or write 'separator' into {SiteDeclaration.File} as it says";
        }

        var line = first.ToString();
        foreach (var other in ",;\t|".Where(other => other != format.Separator))
        {
            // However the columns are spelled, and whatever stands around the line.
            if (line.Contains(other) && required.All(name => line.Split(other).Any(field => string.Equals(field.Trim(' ', '"'), name, StringComparison.OrdinalIgnoreCase))))
                return $"fields are separated by {TableFormat.NameOf(other)}, expected {TableFormat.NameOf(format.Separator)}{Cure(other, format)}";
        }

        return null;
    }

    // Where one is declared, another table may have it: to declare this one's would only turn the fault around.
    private static string Cure(char separator, TableFormat format) => (separator, format.SeparatorBy) switch
    {
        (_, SiteDeclaration.File) => $", as {SiteDeclaration.File} says of all tables: write this one so too, or correct 'separator' there and write all others like this",
        (_, { } who) => $", as {who} says of all tables: write this one so too",
        ('|', _) => ": write the table with commas, semicolons or tabulators",
        ('\t', _) => $": write 'separator: \"\\t\"' into {SiteDeclaration.File}",
        (';', _) => $": write 'separator: \";\"' into {SiteDeclaration.File}, and 'decimal: \",\"' where numbers are written with a comma",
        _ => $": write 'separator: \"{separator}\"' into {SiteDeclaration.File}",
    };

    private static string? ReadText(string directory, string file, FaultList<Fault> faults)
    {
        try
        {
            var bytes = RegularFile.ReadAllBytes(Path.Combine(directory, file), MaxBytes);
            if (ForeignFile.NameOf(bytes) is { } foreign)
            {
                faults.Add(new Fault(file, 0, 0, $"is {foreign}"));
                return null;
            }

            var text = Utf8Text.Decode(bytes, out var fault);
            if (fault is not null)
                faults.Add(new Fault(file, fault.Line, 0, fault.Message));
            return text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(file, 0, 0, exception switch
            {
                RegularFileException => exception.Message,
                FileNotFoundException => DeadLink.WhyOf(Path.Combine(directory, file)) ?? "the file is missing",
                _ => "the file cannot be read",
            }));
            return null;
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
        {
            var near = NearMiss.Differences.SelectMany(way => header.Fields.Where(field => way.Plain(field) == way.Plain(name)).Select(field => (Field: field, way.Difference))).FirstOrDefault();
            faults.Add(new Fault(file, header.Number, 0, $"column {name} is missing{(near.Field is null ? "" : $": {Quoted.Text(near.Field)} differs from it in {near.Difference}")}"));
        }

        return header.Fields;
    }
}

/// <param name="Number">The line on which the record begins.</param>
internal sealed record CsvLine(int Number, string[] Fields);
