using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Configuration;

/// <summary>Collects everything that is wrong with a configuration, so that all of it is said at once.</summary>
internal sealed class OptionFaults
{
    public FaultList<string> Lines { get; } = [];

    /// <summary>One fault: <paramref name="key"/> below the section <c>Lazaret</c>, and what to set.</summary>
    public void Add(string key, string message) => Lines.Add($"Lazaret:{key}: {message}");

    public void Range<T>(string key, T value, T min, T max)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            Add(key, string.Create(CultureInfo.InvariantCulture, $"{value} is outside {min} to {max}"));
    }

    public void OneOf(string key, string value, params ReadOnlySpan<string> allowed)
    {
        if (!allowed.Contains(value))
            Add(key, $"'{value}' is not one of {string.Join(", ", allowed)}");
    }
}
