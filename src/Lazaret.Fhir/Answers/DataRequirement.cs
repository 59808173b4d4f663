using System.Text.Json;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Answers;

/// <summary>
/// A requirement in FHIR's own words (http://hl7.org/fhir/R4/metadatatypes.html#DataRequirement), and in extensions what R4 has none for. It has no
/// <c>limit</c>, and no filter by unit: a newer datum that cannot be used must be seen, too.
/// </summary>
internal static class DataRequirement
{
    private const string Mandatory = "urn:lazaret:mandatory";
    private const string Unit = "urn:lazaret:unit";
    private const string Panel = "urn:lazaret:panel";

    private static readonly (TimeSpan Length, string Unit, string Code)[] Units =
    [
        (TimeSpan.FromDays(1), "days", "d"), (TimeSpan.FromHours(1), "hours", "h"), (TimeSpan.FromMinutes(1), "minutes", "min"),
        (TimeSpan.FromSeconds(1), "seconds", "s"),
    ];

    public static void Write(Utf8JsonWriter writer, IEnumerable<Requirement> requirements)
    {
        var any = false;
        foreach (var requirement in requirements)
        {
            if (!any)
                writer.WriteStartArray("dataRequirement");
            any = true;
            Write(writer, requirement, isStated: false);
            if (requirement is MedicationRequirement)
                Write(writer, requirement, isStated: true);
        }

        if (any)
            writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Requirement requirement, bool isStated)
    {
        var (type, time, mustSupport) = requirement switch
        {
            ObservationRequirement { ComponentOf.Count: > 0 } =>
                ("Observation", "effective", new[] { "status", "code", "subject", "effective", "value", "component" }),
            ObservationRequirement => ("Observation", "effective", ["status", "code", "subject", "effective", "value"]),
            ConditionRequirement => ("Condition", "recordedDate", ["clinicalStatus", "verificationStatus", "code", "subject", "recordedDate"]),
            _ when isStated => ("MedicationStatement", "effective", ["status", "medication", "subject", "effective"]),
            _ => ("MedicationRequest", "authoredOn", ["status", "intent", "medication", "subject", "authoredOn"]),
        };
        writer.WriteStartObject();
        writer.WriteStartArray("extension");
        WriteExtension(writer, Mandatory, () => writer.WriteBoolean("valueBoolean", requirement.Mandatory));
        // The first one is the model's own; the others are taken, beside those that UCUM converts with certainty.
        foreach (var unit in (requirement as ObservationRequirement)?.Units ?? [])
            WriteExtension(writer, Unit, () => WriteCoding(writer, "valueCoding", new(UcumUnit.System, unit), display: null));
        foreach (var panel in Panels(requirement))
            WriteExtension(writer, Panel, () => WriteCoding(writer, "valueCoding", panel, display: null));
        writer.WriteEndArray();
        writer.WriteString("type", type);
        writer.Strings("mustSupport", mustSupport);
        writer.WriteStartArray("codeFilter");
        writer.WriteStartObject();
        writer.WriteString("path", requirement is MedicationRequirement ? "medication" : "code");
        writer.WriteStartArray("code");
        foreach (var coding in requirement.Codings.Concat(Panels(requirement)))
            WriteCoding(writer, name: null, coding, coding.Code == requirement.Code && requirement.Title != requirement.Code ? requirement.Title : null);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (requirement.MaxAge is { } maxAge)
            WriteAge(writer, time, maxAge);
        writer.WriteStartArray("sort");
        writer.WriteStartObject();
        writer.WriteString("path", time);
        writer.WriteString("direction", "descending");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static IEnumerable<Coding> Panels(Requirement requirement) => (requirement as ObservationRequirement)?.Panels ?? [];

    private static void WriteExtension(Utf8JsonWriter writer, string url, Action writeValue)
    {
        writer.WriteStartObject();
        writer.WriteString("url", url);
        writeValue();
        writer.WriteEndObject();
    }

    private static void WriteCoding(Utf8JsonWriter writer, string? name, Coding coding, string? display)
    {
        if (name is null)
            writer.WriteStartObject();
        else
            writer.WriteStartObject(name);
        writer.WriteString("system", coding.System);
        writer.WriteString("code", coding.Code);
        if (display is not null)
            writer.WriteString("display", display);
        writer.WriteEndObject();
    }

    private static void WriteAge(Utf8JsonWriter writer, string path, TimeSpan maxAge)
    {
        var unit = Array.Find(Units, unit => maxAge.Ticks % unit.Length.Ticks == 0);
        unit = unit.Unit is null ? Units[^1] : unit;
        writer.WriteStartArray("dateFilter");
        writer.WriteStartObject();
        writer.WriteString("path", path);
        writer.WriteStartObject("valueDuration");
        writer.WriteNumber("value", maxAge.Ticks / unit.Length.Ticks);
        writer.WriteString("unit", unit.Unit);
        writer.WriteString("system", "http://unitsofmeasure.org");
        writer.WriteString("code", unit.Code);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
