using System.Globalization;
using System.Text.Json;

namespace Lazaret.SampleSite;

/// <summary>
/// FHIR R4 collection bundles of synthetic patients, as a requester would send them. They are rendered for a given instant, since
/// models ask for fresh observations.
/// </summary>
public static class SampleBundles
{
    private const string Base = "http://ehr.example.org/fhir/";
    private const string Loinc = "http://loinc.org";
    private const string Snomed = "http://snomed.info/sct";

    /// <summary>Fever, fast pulse and breath, low pressure, oxygen by mask, newly confused: NEWS2 16, high.</summary>
    public static BedsidePatient Septic { get; } = new()
    {
        Id = "septic", Gender = "female", BirthDate = new DateOnly(1951, 3, 14),
        Respiration = 26, OxygenSaturation = 92, OxygenFlow = 6, Systolic = 94, Diastolic = 52, Pulse = 124, Temperature = 39.2m,
        Consciousness = Acvpu.NewConfusion,
    };

    /// <summary>Everything in the chart's middle, on air, alert: NEWS2 0.</summary>
    public static BedsidePatient Healthy { get; } = new()
    {
        Id = "healthy", Gender = "male", BirthDate = new DateOnly(1984, 11, 2),
        Respiration = 14, OxygenSaturation = 98, OxygenFlow = 0, Systolic = 124, Diastolic = 78, Pulse = 68, Temperature = 36.8m,
        Consciousness = Acvpu.Alert,
    };

    /// <param name="patient">Who lies there.</param>
    /// <param name="now">The bundle's own time; observations were taken from 9 to 40 minutes before.</param>
    /// <param name="without">LOINC codes of observations to leave out; 85354-9 leaves out both blood pressures.</param>
    /// <returns>UTF-8 JSON, indented.</returns>
    /// <exception cref="ArgumentException">A code that no observation of the bundle has.</exception>
    public static byte[] Render(BedsidePatient patient, DateTimeOffset now, params IEnumerable<string> without)
    {
        var observations = Observations(patient).ToDictionary(o => o.Code, StringComparer.Ordinal);
        foreach (var code in without)
        {
            if (!observations.Remove(code))
                throw new ArgumentException($"{code} is none of {string.Join(", ", observations.Keys)}", nameof(without));
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("resourceType", "Bundle");
            json.WriteString("type", "collection");
            json.WriteString("timestamp", Instant(now));
            json.WriteStartArray("entry");
            WriteEntry(json, "Patient", patient.Id, () => WritePatient(json, patient));
            foreach (var observation in observations.Values)
            {
                WriteEntry(json, "Observation", $"{patient.Id}-{observation.Name}",
                    () => WriteObservation(json, observation, patient.Id, now));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static IEnumerable<Sample> Observations(BedsidePatient patient)
    {
        yield return new("9279-1", "Respiratory rate", "respiration", 40, new Quantity(patient.Respiration, "breaths/minute", "/min"));
        yield return new("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "saturation", 38, new Quantity(patient.OxygenSaturation, "%", "%"))
        {
            // The profile of FHIR's vital signs asks for both.
            AlsoCoded = ("2708-6", "Oxygen saturation in Arterial blood"),
        };
        yield return new("3151-8", "Inhaled oxygen flow rate", "oxygen-flow", 38, new Quantity(patient.OxygenFlow, "L/min", "L/min"));
        yield return new("85354-9", "Blood pressure panel with all children optional", "blood-pressure", 25, null)
        {
            Components =
            [
                ("8480-6", "Systolic blood pressure", new Quantity(patient.Systolic, "mmHg", "mm[Hg]")),
                ("8462-4", "Diastolic blood pressure", new Quantity(patient.Diastolic, "mmHg", "mm[Hg]")),
            ],
        };
        yield return new("8867-4", "Heart rate", "pulse", 25, new Quantity(patient.Pulse, "beats/minute", "/min"));
        yield return new("67775-7", "Level of responsiveness", "consciousness", 12, null) { Consciousness = patient.Consciousness };
        yield return new("8310-5", "Body temperature", "temperature", 9, new Quantity(patient.Temperature, "°C", "Cel"));
    }

    private static void WriteEntry(Utf8JsonWriter json, string type, string id, Action writeElements)
    {
        json.WriteStartObject();
        json.WriteString("fullUrl", $"{Base}{type}/{id}");
        json.WriteStartObject("resource");
        json.WriteString("resourceType", type);
        json.WriteString("id", id);
        writeElements();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePatient(Utf8JsonWriter json, BedsidePatient patient)
    {
        json.WriteString("gender", patient.Gender);
        json.WriteString("birthDate", patient.BirthDate.ToString("O"));
    }

    private static void WriteObservation(Utf8JsonWriter json, Sample observation, string patientId, DateTimeOffset now)
    {
        json.WriteString("status", "final");
        json.WriteStartArray("category");
        WriteConcept(json, ("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs"));
        json.WriteEndArray();

        json.WritePropertyName("code");
        if (observation.AlsoCoded is { } also)
            WriteConcept(json, (Loinc, observation.Code, observation.Display), (Loinc, also.Code, also.Display));
        else
            WriteConcept(json, (Loinc, observation.Code, observation.Display));

        json.WriteStartObject("subject");
        json.WriteString("reference", $"Patient/{patientId}");
        json.WriteEndObject();
        json.WriteString("effectiveDateTime", Instant(now - TimeSpan.FromMinutes(observation.MinutesAgo)));

        if (observation.Quantity is { } quantity)
            WriteQuantity(json, quantity);

        if (observation.Consciousness is { } consciousness)
        {
            var (loinc, snomed) = Codings(consciousness);
            json.WritePropertyName("valueCodeableConcept");
            WriteConcept(json, loinc, snomed);
        }

        if (observation.Components.Count > 0)
        {
            json.WriteStartArray("component");
            foreach (var component in observation.Components)
            {
                json.WriteStartObject();
                json.WritePropertyName("code");
                WriteConcept(json, (Loinc, component.Code, component.Display));
                WriteQuantity(json, component.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void WriteConcept(Utf8JsonWriter json, params ReadOnlySpan<(string System, string Code, string Display)> codings)
    {
        json.WriteStartObject();
        json.WriteStartArray("coding");
        foreach (var (system, code, display) in codings)
        {
            json.WriteStartObject();
            json.WriteString("system", system);
            json.WriteString("code", code);
            json.WriteString("display", display);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteQuantity(Utf8JsonWriter json, Quantity quantity)
    {
        json.WriteStartObject("valueQuantity");
        json.WriteNumber("value", quantity.Value);
        json.WriteString("unit", quantity.Unit);
        json.WriteString("system", "http://unitsofmeasure.org");
        json.WriteString("code", quantity.Ucum);
        json.WriteEndObject();
    }

    private static ((string, string, string) Loinc, (string, string, string) Snomed) Codings(Acvpu consciousness) => consciousness switch
    {
        Acvpu.Alert => ((Loinc, "LA9340-6", "Alert"), (Snomed, "248234008", "Mentally alert")),
        Acvpu.NewConfusion => ((Loinc, "LA6560-2", "Confused"), (Snomed, "130987000", "Acute confusion")),
        Acvpu.Voice => ((Loinc, "LA17108-4", "Verbal"), (Snomed, "300202002", "Responds to voice")),
        Acvpu.Pain => ((Loinc, "LA17107-6", "Painful"), (Snomed, "450847001", "Responds to pain")),
        Acvpu.Unresponsive => ((Loinc, "LA9343-0", "Unresponsive"), (Snomed, "422768004", "Unresponsive")),
        _ => throw new ArgumentOutOfRangeException(nameof(consciousness)),
    };

    private static string Instant(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    private sealed record Quantity(decimal Value, string Unit, string Ucum);

    private sealed record Sample(string Code, string Display, string Name, int MinutesAgo, Quantity? Quantity)
    {
        public (string Code, string Display)? AlsoCoded { get; init; }

        public Acvpu? Consciousness { get; init; }

        public IReadOnlyList<(string Code, string Display, Quantity Value)> Components { get; init; } = [];
    }
}
