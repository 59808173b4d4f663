using System.Text.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>What <c>GET /fhir/metadata</c> answers.</summary>
public static class Capabilities
{
    /// <param name="site">The site's name.</param>
    /// <param name="url">The root of the FHIR endpoints.</param>
    /// <param name="date">When the node was started.</param>
    /// <param name="tokenEndpoint">Where SMART clients get access tokens; null where the node issues none.</param>
    public static byte[] ToJson(string site, string url, string softwareVersion, DateTimeOffset date, string? tokenEndpoint = null) => FhirJson.Write(writer =>
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
        if (tokenEndpoint is not null)
            WriteSecurity(writer, tokenEndpoint);
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

    // https://hl7.org/fhir/smart-app-launch/1.0.0/conformance: later clients read .well-known/smart-configuration instead.
    private static void WriteSecurity(Utf8JsonWriter writer, string tokenEndpoint)
    {
        writer.WriteStartObject("security");
        writer.WriteStartArray("extension");
        writer.WriteStartObject();
        writer.WriteStartArray("extension");
        writer.WriteStartObject();
        writer.WriteString("url", "token");
        writer.WriteString("valueUri", tokenEndpoint);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("service");
        writer.WriteStartObject();
        writer.WriteStartArray("coding");
        writer.WriteStartObject();
        writer.WriteString("system", "http://terminology.hl7.org/CodeSystem/restful-security-service");
        writer.WriteString("code", "SMART-on-FHIR");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("text", "SMART Backend Services");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

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
