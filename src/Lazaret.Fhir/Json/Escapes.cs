using System.Globalization;
using System.Text.Json;

namespace Lazaret.Fhir.Json;

/// <summary>
/// The reader passes over half a surrogate pair in an escape, and throws as soon as it is asked for the text or to compare it.
/// Asking here first costs nothing where there are no escapes, and no exception where there are.
/// </summary>
internal static class Escapes
{
    public static bool HasLoneSurrogate(in Utf8JsonReader reader) => reader.ValueIsEscaped && HasLoneSurrogate(reader.ValueSpan);

    public static bool NameIs(in Utf8JsonReader reader, ReadOnlySpan<byte> name) => !HasLoneSurrogate(reader) && reader.ValueTextEquals(name);

    private static bool HasLoneSurrogate(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'\\'); at >= 0; at = text.IndexOf((byte)'\\'))
        {
            text = text[at..];
            if (text[1] != 'u')
            {
                text = text[2..];
                continue;
            }

            var unit = Unit(text);
            text = text[6..];
            if (char.IsLowSurrogate(unit) || (char.IsHighSurrogate(unit) && !(text.StartsWith("\\u"u8) && char.IsLowSurrogate(Unit(text)))))
                return true;
            if (char.IsHighSurrogate(unit))
                text = text[6..];
        }

        return false;
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
