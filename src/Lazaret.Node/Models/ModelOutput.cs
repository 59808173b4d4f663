using System.Buffers;
using System.Text.Json;

namespace Lazaret.Node.Models;

/// <summary>Reads what a model wrote. Only the manifest's members leave; one of them absent or of another kind spoils all.</summary>
internal static class ModelOutput
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>The declared members as JSON in the manifest's order, or null and why not.</summary>
    public static byte[]? Read(ReadOnlyMemory<byte> output, IReadOnlyDictionary<string, OutputField> declared, out string why)
    {
        try
        {
            using var document = JsonDocument.Parse(output, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                why = "the model's output is not a JSON object";
                return null;
            }

            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer);
            writer.WriteStartObject();
            foreach (var (name, field) in declared)
            {
                if (!document.RootElement.TryGetProperty(name, out var value) || !field.Accepts(value))
                {
                    why = $"the model's output has no valid member '{name}'";
                    return null;
                }

                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
            writer.Flush();
            why = "";
            return buffer.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-16. The reader's words could quote the output.
            why = "the model's output is not valid JSON";
            return null;
        }
    }

    // Written anew, not copied: a number may be spelled with a million digits, and each of them would leave.
    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number when value.TryGetInt64(out var whole):
                writer.WriteNumberValue(whole);
                break;
            case JsonValueKind.Number:
                writer.WriteNumberValue(value.GetDouble());
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                writer.WriteBooleanValue(value.GetBoolean());
                break;
        }
    }
}
