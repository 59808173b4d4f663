using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>What every answer is written with.</summary>
internal static class FhirJson
{
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Instant(DateTimeOffset instant) =>
        instant.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static void Coding(this Utf8JsonWriter writer, string name, string system, string code)
    {
        writer.WriteStartObject(name);
        writer.WriteStartArray("coding");
        writer.WriteStartObject();
        writer.WriteString("system", system);
        writer.WriteString("code", code);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void Strings(this Utf8JsonWriter writer, string name, params ReadOnlySpan<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    public static void Reference(this Utf8JsonWriter writer, string name, string reference)
    {
        writer.WriteStartObject(name);
        writer.WriteString("reference", reference);
        writer.WriteEndObject();
    }
}
