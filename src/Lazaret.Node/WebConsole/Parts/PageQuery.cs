using System.Globalization;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.WebConsole.Parts;

/// <summary>What a page's address asks for, by name. A value that means nothing is left out, and the page says so.</summary>
public sealed class PageQuery(IQueryCollection query)
{
    private const int Longest = 200;

    private readonly List<(string Name, string Words)> _faults = [];

    /// <summary>By its name in the address, what was left out, and why.</summary>
    public IReadOnlyList<(string Name, string Words)> Faults => _faults;

    public string? Text(string name)
    {
        var text = query[name].ToString().Trim();
        var fault = text.Length > Longest ? $"is longer than {Longest} characters" : PlainText.FindUnplain(text) is { } found ? $"holds {found}, which is no character that shows" : null;
        if (fault is null)
            return text.Length > 0 ? text : null;
        LeaveOut(name, $"{name}: {fault}");
        return null;
    }

    /// <summary>What a field shows: what was typed into it, also where that means nothing; empty where it has what does not show.</summary>
    public string Typed(string name) => query[name].ToString() is var text && PlainText.FindUnplain(text) is null ? text : "";

    public bool IsFaulty(string name) => _faults.Exists(fault => fault.Name == name);

    /// <summary>For a field's attribute: whether it is faulty.</summary>
    public string? Invalid(string name) => IsFaulty(name) ? "true" : null;

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
    /// <param name="name">Its name in the address.</param>
    public void LeaveOut(string name, string fault)
    {
        if (!_faults.Contains((name, fault)))
            _faults.Add((name, fault));
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
        LeaveOut(name, fault);
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
