using System.Text;
using System.Text.Json;

namespace Lazaret.Fhir.Json;

/// <summary>A value in the bytes, a string's without its quotes: nothing is copied until it is asked for.</summary>
internal readonly record struct JsonText(int Start, int Length, bool IsEscaped)
{
    /// <summary>The value that the reader stands on.</summary>
    public static JsonText Of(in Utf8JsonReader reader) => new(
        (int)reader.TokenStartIndex + (reader.TokenType == JsonTokenType.String ? 1 : 0), reader.ValueSpan.Length, reader.ValueIsEscaped);

    /// <summary>The string whose first byte is there.</summary>
    public static JsonText At(int start, ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span[(start - 1)..]);
        reader.Read();
        return new JsonText(start, reader.ValueSpan.Length, reader.ValueIsEscaped);
    }

    /// <summary>As it is written.</summary>
    public ReadOnlySpan<byte> Raw(ReadOnlyMemory<byte> json) => json.Span.Slice(Start, Length);

    /// <summary>With its escapes resolved.</summary>
    public ReadOnlySpan<byte> Bytes(ReadOnlyMemory<byte> json) => IsEscaped ? Encoding.UTF8.GetBytes(Text(json)) : Raw(json);

    /// <inheritdoc cref="Bytes"/>
    public string Text(ReadOnlyMemory<byte> json)
    {
        if (!IsEscaped)
            return Encoding.UTF8.GetString(Raw(json));
        var reader = new Utf8JsonReader(json.Span.Slice(Start - 1, Length + 2));
        reader.Read();
        return reader.GetString()!;
    }
}
