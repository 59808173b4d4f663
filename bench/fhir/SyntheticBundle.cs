using System.Globalization;
using System.Text.Json;

namespace Lazaret.FhirBench;

/// <summary>A collection bundle in the manner of Synthea's: one patient, and encounters with observations, conditions and claims.</summary>
internal static class SyntheticBundle
{
    private const string Loinc = "http://loinc.org";
    private const string Ucum = "http://unitsofmeasure.org";
    private const string Snomed = "http://snomed.info/sct";

    /// <summary>Pretty-printed UTF-8 of at least that many bytes; the same seed gives the same bytes.</summary>
    public static byte[] Write(int bytes, int seed)
    {
        var random = new Random(seed);
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("resourceType", "Bundle");
            writer.WriteString("type", "collection");
            writer.WriteStartArray("entry");
            var patient = Uuid(random);
            Entry(writer, patient, () => Patient(writer));
            while (buffer.Length + writer.BytesPending < bytes)
            {
                var encounter = Uuid(random);
                Entry(writer, encounter, () => Encounter(writer, patient, random));
                for (var i = 0; i < 8; i++)
                    Entry(writer, Uuid(random), () => Observation(writer, patient, encounter, random, isPanel: i == 0));
                Entry(writer, Uuid(random), () => Condition(writer, patient, encounter, random));
                Entry(writer, Uuid(random), () => Claim(writer, patient, encounter, random));
                writer.Flush();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static string Uuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return "urn:uuid:" + new Guid(bytes).ToString("D");
    }

    private static string Time(Random random) =>
        new DateTime(2010, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(random.Next(7_000_000)).ToString("yyyy-MM-dd'T'HH:mm:ss'+02:00'", CultureInfo.InvariantCulture);

    private static void Entry(Utf8JsonWriter writer, string fullUrl, Action resource)
    {
        writer.WriteStartObject();
        writer.WriteString("fullUrl", fullUrl);
        writer.WriteStartObject("resource");
        resource();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Patient(Utf8JsonWriter writer)
    {
        writer.WriteString("resourceType", "Patient");
        writer.WriteStartObject("text");
        writer.WriteString("status", "generated");
        writer.WriteString("div", "<div xmlns=\"http://www.w3.org/1999/xhtml\">Generated: no such person.</div>");
        writer.WriteEndObject();
        writer.WriteStartArray("name");
        writer.WriteStartObject();
        writer.WriteString("use", "official");
        writer.WriteString("family", "Synthetic");
        writer.WriteStartArray("given");
        writer.WriteStringValue("Søren");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("gender", "female");
        writer.WriteString("birthDate", "1970-05-04");
    }

    private static void Encounter(Utf8JsonWriter writer, string patient, Random random)
    {
        writer.WriteString("resourceType", "Encounter");
        writer.WriteString("status", "finished");
        Coding(writer, "class", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", display: null);
        writer.WriteStartArray("type");
        Concept(writer, null, Snomed, "162673000", "General examination of patient (procedure)");
        writer.WriteEndArray();
        Reference(writer, "subject", patient);
        Period(writer, "period", random);
    }

    private static void Observation(Utf8JsonWriter writer, string patient, string encounter, Random random, bool isPanel)
    {
        writer.WriteString("resourceType", "Observation");
        writer.WriteString("status", "final");
        writer.WriteStartArray("category");
        Concept(writer, null, "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "vital-signs");
        writer.WriteEndArray();
        Concept(writer, "code", Loinc, isPanel ? "85354-9" : "8310-5", isPanel ? "Blood Pressure" : "Body temperature");
        Reference(writer, "subject", patient);
        Reference(writer, "encounter", encounter);
        writer.WriteString("effectiveDateTime", Time(random));
        writer.WriteString("issued", Time(random).Replace("+", ".123+", StringComparison.Ordinal));
        if (!isPanel)
        {
            Quantity(writer, random, "Cel");
            return;
        }

        writer.WriteStartArray("component");
        foreach (var code in new[] { "8462-4", "8480-6" })
        {
            writer.WriteStartObject();
            Concept(writer, "code", Loinc, code, "Blood Pressure");
            Quantity(writer, random, "mm[Hg]");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Condition(Utf8JsonWriter writer, string patient, string encounter, Random random)
    {
        writer.WriteString("resourceType", "Condition");
        Concept(writer, "clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", null);
        Concept(writer, "verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", null);
        Concept(writer, "code", Snomed, "195662009", "Acute viral pharyngitis (disorder)");
        Reference(writer, "subject", patient);
        Reference(writer, "encounter", encounter);
        writer.WriteString("onsetDateTime", Time(random));
        writer.WriteString("recordedDate", Time(random));
    }

    private static void Claim(Utf8JsonWriter writer, string patient, string encounter, Random random)
    {
        writer.WriteString("resourceType", "Claim");
        writer.WriteString("status", "active");
        Concept(writer, "type", "http://terminology.hl7.org/CodeSystem/claim-type", "institutional", null);
        writer.WriteString("use", "claim");
        Reference(writer, "patient", patient);
        Period(writer, "billablePeriod", random);
        writer.WriteString("created", Time(random));
        writer.WriteStartObject("provider");
        writer.WriteString("display", "PCP1");
        writer.WriteEndObject();
        Concept(writer, "priority", "http://terminology.hl7.org/CodeSystem/processpriority", "normal", null);
        writer.WriteStartArray("insurance");
        writer.WriteStartObject();
        writer.WriteNumber("sequence", 1);
        writer.WriteBoolean("focal", true);
        writer.WriteStartObject("coverage");
        writer.WriteString("display", "Medicare");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("item");
        for (var i = 1; i <= 3; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence", i);
            Concept(writer, "productOrService", Snomed, "162673000", "General examination of patient (procedure)");
            writer.WriteStartArray("encounter");
            Reference(writer, null, encounter);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("total");
        writer.WriteNumber("value", 129.16m);
        writer.WriteString("currency", "USD");
        writer.WriteEndObject();
    }

    private static void Quantity(Utf8JsonWriter writer, Random random, string unit)
    {
        writer.WriteStartObject("valueQuantity");
        writer.WriteNumber("value", random.Next(3000, 20000) / 100m);
        writer.WriteString("unit", unit);
        writer.WriteString("system", Ucum);
        writer.WriteString("code", unit);
        writer.WriteEndObject();
    }

    private static void Period(Utf8JsonWriter writer, string name, Random random)
    {
        var start = Time(random);
        writer.WriteStartObject(name);
        writer.WriteString("start", start);
        writer.WriteString("end", start.Replace("+02:00", "+01:00", StringComparison.Ordinal));
        writer.WriteEndObject();
    }

    private static void Reference(Utf8JsonWriter writer, string? name, string target)
    {
        Start(writer, name);
        writer.WriteString("reference", target);
        writer.WriteEndObject();
    }

    private static void Concept(Utf8JsonWriter writer, string? name, string system, string code, string? display)
    {
        Start(writer, name);
        writer.WriteStartArray("coding");
        Coding(writer, null, system, code, display);
        writer.WriteEndArray();
        if (display is not null)
            writer.WriteString("text", display);
        writer.WriteEndObject();
    }

    private static void Coding(Utf8JsonWriter writer, string? name, string system, string code, string? display)
    {
        Start(writer, name);
        writer.WriteString("system", system);
        writer.WriteString("code", code);
        if (display is not null)
            writer.WriteString("display", display);
        writer.WriteEndObject();
    }

    private static void Start(Utf8JsonWriter writer, string? name)
    {
        if (name is null)
            writer.WriteStartObject();
        else
            writer.WriteStartObject(name);
    }
}
