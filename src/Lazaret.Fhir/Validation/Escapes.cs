using System.Globalization;
using System.Text.Json;

namespace Lazaret.Fhir.Validation;

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
        var wantsLow = false;
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\' || text[at + 1] != 'u')
            {
                if (wantsLow)
                    return true;
                at += text[at] == '\\' ? 2 : 1;
                continue;
            }

            var unit = (char)ushort.Parse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (char.IsLowSurrogate(unit) != wantsLow)
                return true;
            wantsLow = char.IsHighSurrogate(unit);
            at += 6;
        }

        return wantsLow;
    }
}
