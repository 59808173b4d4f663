using System.Text;
using System.Text.Json;

namespace Lazaret.Cohort.Queries;

/// <summary>Writes filters in their one canonical form, which <see cref="FilterParser"/> reads: sorted, one level as a value, several as a list.</summary>
public static class FilterJson
{
    public static string Write(IReadOnlyList<Filter> filters)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var filter in filters)
            {
                json.WritePropertyName(filter.Name);
                Write(json, filter);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, Filter filter)
    {
        switch (filter)
        {
            case Filter.OneOf { Levels: [var only] }:
                json.WriteStringValue(only);
                break;
            case Filter.OneOf many:
                json.WriteStartArray();
                foreach (var level in many.Levels)
                    json.WriteStringValue(level);
                json.WriteEndArray();
                break;
            case Filter.Within range:
                json.WriteStartObject();
                json.WriteNumber("min", range.Min);
                json.WriteNumber("max", range.Max);
                json.WriteEndObject();
                break;
            case Filter.EqualTo equal:
                json.WriteNumberValue(equal.Value);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(filter));
        }
    }
}
