using System.Globalization;
using System.Text;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Splits a table's text into its records: RFC 4180, with LF, CRLF or CR, and with a separator other than the comma where the site declares one. A malformed record is returned with its fault, and reading
/// continues after it. The number and the length of fields are checked while they are read.
/// </summary>
internal sealed class CsvRecords(string text, char separator = ',')
{
    public const int MaxFields = 4096;
    public const int MaxFieldChars = 64 << 10;

    private const string BadQuote = "a quote that is not closed, not doubled, or not around the whole field";

    private static readonly string TooLong = string.Create(CultureInfo.InvariantCulture, $"a field of more than {MaxFieldChars} characters");
    private static readonly string TooMany = string.Create(CultureInfo.InvariantCulture, $"more than {MaxFields} fields");

    private readonly List<string> _fields = [];
    private int _at;
    private int _line = 1;

    /// <summary>Every record that is not empty. The fields of a record that is not sound must not be used.</summary>
    public IEnumerable<(CsvLine Line, string? Wrong)> Read()
    {
        while (_at < text.Length)
        {
            var first = _line;
            _fields.Clear();
            var wrong = ReadRecord();
            if (wrong is not null || _fields is not [""])
                yield return (new CsvLine(first, wrong is null ? [.. _fields] : []), wrong);
        }
    }

    /// <summary>Reads to the end of the record's last line, and past the line's end.</summary>
    private string? ReadRecord()
    {
        string? wrong = null;
        while (true)
        {
            var field = ReadField(ref wrong);
            if (_fields.Count < MaxFields)
                _fields.Add(field);
            else
                wrong ??= TooMany;
            if (_at == text.Length || text[_at] != separator)
            {
                SkipLineEnd();
                return wrong;
            }

            _at++;
        }
    }

    /// <summary>Reads up to the separator or line end after the field.</summary>
    private string ReadField(ref string? wrong)
    {
        if (_at < text.Length && text[_at] == '"')
            return ReadQuoted(ref wrong);
        var field = Unquoted();
        if (field.Contains('"'))
            wrong ??= BadQuote;
        if (field.Length > MaxFieldChars)
            wrong ??= TooLong;
        return wrong is null ? field.ToString() : "";
    }

    private string ReadQuoted(ref string? wrong)
    {
        var begin = ++_at;
        var doubled = false;
        while (true)
        {
            var quote = text.IndexOf('"', _at);
            if (quote < 0)
            {
                _at = text.Length;
                wrong ??= BadQuote;
                return "";
            }

            _at = quote + 1;
            if (_at == text.Length || text[_at] != '"')
                break;
            doubled = true;
            _at++;
        }

        var field = text.AsSpan(begin, _at - 1 - begin);
        _line += LineEnds(field);
        if (!Unquoted().IsEmpty)
            wrong ??= BadQuote;
        if (field.Length > MaxFieldChars)
            wrong ??= TooLong;
        if (wrong is not null)
            return "";
        return doubled ? new StringBuilder().Append(field).Replace("\"\"", "\"").ToString() : field.ToString();
    }

    private ReadOnlySpan<char> Unquoted()
    {
        var rest = text.AsSpan(_at);
        var length = rest.IndexOfAny(separator, '\r', '\n');
        rest = length < 0 ? rest : rest[..length];
        _at += rest.Length;
        return rest;
    }

    private void SkipLineEnd()
    {
        if (_at == text.Length)
            return;
        _at += text.AsSpan(_at) is ['\r', '\n', ..] ? 2 : 1;
        _line++;
    }

    private static int LineEnds(ReadOnlySpan<char> field) => field.Count('\n') + field.Count('\r') - field.Count("\r\n");
}
