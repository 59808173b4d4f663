using System.Text.Json;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Fhir.Answers;

/// <summary>A requirement in FHIR's own words (http://hl7.org/fhir/R4/metadatatypes.html#DataRequirement).</summary>
internal static class DataRequirement
{
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
            Write(writer, requirement);
        }

        if (any)
            writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Requirement requirement)
    {
        var (type, time, mustSupport) = requirement switch
        {
            ObservationRequirement { ComponentOf.Count: > 0 } =>
                ("Observation", "effective", new[] { "status", "code", "subject", "effective", "value", "component" }),
            ObservationRequirement => ("Observation", "effective", ["status", "code", "subject", "effective", "value"]),
            ConditionRequirement => ("Condition", "recordedDate", ["clinicalStatus", "verificationStatus", "code", "subject", "recordedDate"]),
            _ => ("MedicationRequest", "authoredOn", ["status", "intent", "medication", "subject", "authoredOn"]),
        };
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.Strings("mustSupport", mustSupport);
        writer.WriteStartArray("codeFilter");
        writer.WriteStartObject();
        writer.WriteString("path", requirement is MedicationRequirement ? "medication" : "code");
        writer.WriteStartArray("code");
        foreach (var coding in requirement.Codings)
        {
            writer.WriteStartObject();
            writer.WriteString("system", coding.System);
            writer.WriteString("code", coding.Code);
            if (coding.Code == requirement.Code && requirement.Display is { Length: > 0 } display)
                writer.WriteString("display", display);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (requirement.MaxAge is { } maxAge)
            WriteAge(writer, time, maxAge);
        writer.WriteNumber("limit", 1);
        writer.WriteStartArray("sort");
        writer.WriteStartObject();
        writer.WriteString("path", time);
        writer.WriteString("direction", "descending");
        writer.WriteEndObject();
        writer.WriteEndArray();
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
