using System.Globalization;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.WebConsole.Parts;

/// <summary>What a page's address asks for, by name. A value that means nothing is left out, and the page says so.</summary>
internal sealed class PageQuery(IQueryCollection query)
{
    private const int Longest = 200;

    private readonly List<string> _faults = [];

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public string? Text(string name)
    {
        var text = query[name].ToString().Trim();
        var fault = text.Length > Longest ? $"is longer than {Longest} characters" : PlainText.FindUnplain(text) is { } found ? $"holds {found}, which is no character that shows" : null;
        if (fault is null)
            return text.Length > 0 ? text : null;
        LeaveOut($"{name}: {fault}");
        return null;
    }

    /// <param name="label">The name that the page gives to the value.</param>
    public T? OneOf<T>(string name, string label)
        where T : struct, Enum =>
        Read<T>(name, TryName, $"{label}: there is no such one");

    public Guid? Id(string name, string label, string needed = "its whole id is needed") => Read<Guid>(name, Guid.TryParse, $"{label}: {needed}");

    public long? Number(string name) => Read<long>(name, (string text, out long value) => long.TryParse(text, CultureInfo.InvariantCulture, out value), $"{name}: is no number");

    public DateOnly? Day(string name, string label) => Read<DateOnly>(
        name, (string text, out DateOnly value) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value), $"{label}: a day is written 2026-11-26");

    /// <summary>Reads the value with this name. A number, or several names with commas between them, is no name.</summary>
    public static bool TryName<T>(string text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase);

    /// <summary>Tells that something was left out, and why.</summary>
    public void LeaveOut(string fault)
    {
        if (!_faults.Contains(fault))
            _faults.Add(fault);
    }

    /// <summary>The end of this address with one part changed, or left out.</summary>
    public string With(string name, object? value) => Write(query.Where(part => part.Key != name).Select(part => (part.Key, (object?)part.Value.ToString())).Append((name, value)));

    /// <summary>The end of an address with these parts; those that are null are left out.</summary>
    public static string Write(params IEnumerable<(string Name, object? Value)> parts) => QueryString.Create(
        parts.Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, (string?)TextOf(part.Value!)))).ToString();

    private T? Read<T>(string name, TryParse<T> parse, string fault)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        if (parse(text, out var value))
            return value;
        LeaveOut(fault);
        return null;
    }

    private static string TextOf(object value) => value switch
    {
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Enum name => name.ToString().ToLowerInvariant(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private delegate bool TryParse<T>(string text, out T value);
}
