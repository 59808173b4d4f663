using System.Text.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>What <c>GET /fhir/metadata</c> answers.</summary>
public static class Capabilities
{
    /// <param name="site">The site's name.</param>
    /// <param name="url">The root of the FHIR endpoints.</param>
    /// <param name="date">When the node was started.</param>
    public static byte[] ToJson(string site, string url, string softwareVersion, DateTimeOffset date) => FhirJson.Write(writer =>
    {
        writer.WriteString("resourceType", "CapabilityStatement");
        writer.WriteString("status", "active");
        writer.WriteString("date", FhirJson.Instant(date));
        writer.WriteString("kind", "instance");
        writer.WriteStartObject("software");
        writer.WriteString("name", "Lazaret");
        writer.WriteString("version", softwareVersion);
        writer.WriteEndObject();
        writer.WriteStartObject("implementation");
        writer.WriteString("description", site);
        writer.WriteString("url", url);
        writer.WriteEndObject();
        writer.WriteString("fhirVersion", "4.0.1");
        writer.Strings("format", "application/fhir+json");
        writer.WriteStartArray("rest");
        writer.WriteStartObject();
        writer.WriteString("mode", "server");
        writer.WriteStartArray("resource");
        writer.WriteStartObject();
        WriteRead(writer, "GuidanceResponse");
        writer.WriteEndObject();
        writer.WriteStartObject();
        WriteRead(writer, "Library");
        writer.WriteStartArray("operation");
        foreach (var (name, definition) in new[]
        {
            ("evaluate", "http://hl7.org/fhir/uv/cpg/OperationDefinition/cpg-library-evaluate"),
            ("data-requirements", "http://hl7.org/fhir/OperationDefinition/Library-data-requirements"),
        })
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("definition", definition);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private static void WriteRead(Utf8JsonWriter writer, string type)
    {
        writer.WriteString("type", type);
        writer.WriteStartArray("interaction");
        writer.WriteStartObject();
        writer.WriteString("code", "read");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
