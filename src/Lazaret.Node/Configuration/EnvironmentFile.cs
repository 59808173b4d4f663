using System.Text;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Configuration;

/// <summary>
/// Reads a file of variables as systemd reads the one that <c>EnvironmentFile=</c> names (systemd.exec(5); <c>parse_env_file</c> of version 252): quotes,
/// backslashes and comments, and no expansion of variables.
/// </summary>
internal static class EnvironmentFile
{
    private const char End = '\0';

    /// <summary>The variables in the order of the file; where a name is there twice, the last one counts.</summary>
    /// <param name="text">The file.</param>
    /// <param name="passedOver">Gets the numbers of the lines that systemd passes over though they are no comments: without a value, or with what is no name, as a shell's "export NAME=VALUE".</param>
    /// <exception cref="FormatException">A quote is not closed, or there is a zero byte; the message names the line, and quotes nothing.</exception>
    public static IReadOnlyList<(string Name, string Value)> Parse(string text, ICollection<int>? passedOver = null)
    {
        if (text.Contains(End, StringComparison.Ordinal))
            throw new FormatException($"line {LineAt(text, text.IndexOf(End, StringComparison.Ordinal))}: holds a zero byte");
        var variables = new List<(string, string)>();
        var at = 0;
        while (at < text.Length)
        {
            if (IsSpace(text[at]))
                at++;
            else if (text[at] is '#' or ';')
                SkipComment(text, ref at);
            else
                ReadLine(text, ref at, variables, passedOver);
        }

        return variables;
    }

    /// <summary>Why systemd passes over a line that <see cref="Parse"/> gave. It quotes nothing of the line but its name's sign: the rest may be secret.</summary>
    public static string WhyPassedOver(string text, int line)
    {
        const string Write = "write NAME=VALUE";
        var words = text.Split('\n')[line - 1].TrimStart();
        if (words.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var end))
            return Write;
        var name = words[..end].TrimEnd();
        if (name.Any(char.IsWhiteSpace))
            return $"{Write}, without 'export' and without spaces in the name";
        return name.FirstOrDefault(character => !IsOfName(character)) is var other and not End
            ? $"a name has letters, digits and '_' alone, and not {Quoted.Text(other.ToString())}: a key that needs another sign goes into appsettings.json beside this file"
            : "a name begins with no digit";
    }

    /// <summary>A line that systemd and a shell (<c>set -a; . FILE</c>) read the same, whatever the value holds.</summary>
    public static string Line(string name, string value)
    {
        var quoted = new StringBuilder($"{name}=\"");
        foreach (var character in value)
        {
            // What both take as escaped between double quotes.
            if (character is '"' or '\\' or '`' or '$')
                quoted.Append('\\');
            quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }

    private static void ReadLine(string text, ref int at, List<(string, string)> variables, ICollection<int>? passedOver)
    {
        var start = at;
        if (ReadName(text, ref at) is { } name && ReadValue(text, ref at) is var value && IsName(name))
            variables.Add((name, value));
        else
            passedOver?.Add(LineAt(text, start));
    }

    // A backslash at a comment's end continues it: so do the versions before 254.
    private static void SkipComment(string text, ref int at)
    {
        for (; at < text.Length && !IsLineEnd(text[at]); at++)
        {
            if (text[at] == '\\')
                at++;
        }
    }

    private static string? ReadName(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] != '=' && !IsLineEnd(text[at]))
            at++;
        return at < text.Length && text[at] == '=' ? text[start..at++].TrimEnd(' ', '\t') : null;
    }

    private static string ReadValue(string text, ref int at)
    {
        var value = new StringBuilder();
        var kept = 0; // Up to here white space at the end is part of the value: it was quoted.
        var isBare = false; // After a character outside of quotes, quotes are characters like any other.
        while (at < text.Length && !IsLineEnd(text[at]))
        {
            var character = text[at];
            if (character == '\\')
            {
                if (++at < text.Length && !IsLineEnd(text[at]))
                    value.Append(text[at]);
                kept = value.Length;
                isBare = true;
                at++;
            }
            else if (!isBare && character is '"' or '\'')
            {
                ReadQuoted(text, ref at, value);
                kept = value.Length;
            }
            else if (isBare || !IsSpace(character))
            {
                value.Append(character);
                if (!IsSpace(character))
                    kept = value.Length;
                isBare = true;
                at++;
            }
            else
            {
                at++;
            }
        }

        return value.ToString(0, kept);
    }

    private static void ReadQuoted(string text, ref int at, StringBuilder value)
    {
        var start = at;
        var quote = text[at++];
        for (; at < text.Length; at++)
        {
            if (text[at] == quote)
            {
                at++;
                return;
            }

            if (quote == '"' && text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
                if (text[at] == '\n')
                    continue;
                if (text[at] is not ('"' or '\\' or '`' or '$'))
                    value.Append('\\');
            }

            value.Append(text[at]);
        }

        throw new FormatException($"line {LineAt(text, start)}: the quote is not closed");
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(IsOfName);

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private static bool IsSpace(char character) => character is ' ' or '\t' or '\n' or '\r';

    private static bool IsLineEnd(char character) => character is '\n' or '\r';

    private static int LineAt(string text, int at) => 1 + text.AsSpan(0, at).Count('\n');
}
