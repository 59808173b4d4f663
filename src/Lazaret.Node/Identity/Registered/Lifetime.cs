using System.Xml;

namespace Lazaret.Node.Identity.Registered;

/// <summary>How long a proof is valid, as people write it.</summary>
internal static class Lifetime
{
    /// <param name="option">What holds it.</param>
    /// <param name="text">An ISO 8601 duration; null for no end.</param>
    /// <param name="atLeast">The shortest; a minute without it.</param>
    /// <exception cref="InputException">It is none, or too short or too long.</exception>
    public static TimeSpan? Read(string option, string? text, TimeSpan? atLeast = null)
    {
        if (text is null)
            return null;
        var shortest = atLeast ?? TimeSpan.FromMinutes(1);
        try
        {
            var duration = XmlConvert.ToTimeSpan(text);
            if (duration >= shortest && duration <= TimeSpan.FromDays(3660))
                return duration;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            // Told below.
        }

        throw new InputException([new InputFault(option, $"'{text}' is no duration like P90D or PT12H, of {(shortest > TimeSpan.Zero ? "a minute at least and " : "")}ten years at most")]);
    }

    public static DateTimeOffset? EndOf(TimeSpan? lifetime, DateTimeOffset now) => lifetime is { } length ? now + length : null;
}
