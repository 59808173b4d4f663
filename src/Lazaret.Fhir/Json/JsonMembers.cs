using System.Text.Json;

namespace Lazaret.Fhir.Json;

/// <summary>
/// Members of a JSON value as the bytes that came. A document tree takes many times the bytes of small values, and nothing is made here
/// of what is not asked for.
/// </summary>
internal static class JsonMembers
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    /// <summary>The values of these members of an object, null where there is none; null when it is no sound object, or has one of them twice.</summary>
    public static ReadOnlyMemory<byte>?[]? Find(ReadOnlyMemory<byte> json, params ReadOnlySpan<string> names)
    {
        try
        {
            var found = new ReadOnlyMemory<byte>?[names.Length];
            var reader = new Utf8JsonReader(json.Span, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var index = IndexOf(reader, names);
                var value = Value(ref reader, json);
                if (index < 0)
                    continue;
                if (found[index] is not null)
                    return null;
                found[index] = value;
            }

            // What follows the object must be nothing.
            reader.Read();
            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair.
            return null;
        }
    }

    /// <summary>Each member of a sound object with its name, between quotes as it came, or each item of a sound array.</summary>
    /// <param name="json">Nothing is done when it is neither.</param>
    public static void ForEach(ReadOnlyMemory<byte> json, Action<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> act)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            var start = (int)reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.Slice(start, reader.ValueSpan.Length + 2);
                act(name, Value(ref reader, json));
            }
            else
            {
                reader.Skip();
                act(default, json[start..(int)reader.BytesConsumed]);
            }
        }
    }

    public static bool IsObject(this ReadOnlyMemory<byte> value) => value.Span is [(byte)'{', ..];

    public static bool IsArray(this ReadOnlyMemory<byte> value) => value.Span is [(byte)'[', ..];

    public static bool IsNull(this ReadOnlyMemory<byte> value) => value.Span is [(byte)'n', ..];

    /// <summary>It is this text, with or without escapes.</summary>
    public static bool Is(this ReadOnlyMemory<byte> value, ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(value.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String && Escapes.NameIs(reader, text);
    }

    /// <summary>Null when it is no text.</summary>
    public static string? AsText(this ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(value.Span);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or no UTF-8.
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static int IndexOf(in Utf8JsonReader reader, ReadOnlySpan<string> names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (reader.ValueTextEquals(names[i]))
                return i;
        }

        return -1;
    }
}
