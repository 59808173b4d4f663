using System.Text.Json;
using Lazaret.Fhir.Negotiations;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Answers;

/// <summary>What an answer rests on as parameters: <c>lazaret.used</c> for each datum that the model was given, <c>lazaret.skipped</c> for each that it was not.</summary>
internal static class BasisParameters
{
    public static void Write(Utf8JsonWriter writer, NegotiationBasis basis, ModelDescription model)
    {
        foreach (var used in basis.Used)
        {
            Begin(writer, "lazaret.used", used.Code, used.Reference, used.Time, model);
            Part(writer, "value", () => WriteValue(writer, used.Value, used.Unit));
            if (used.ConvertedFrom is { } from)
                Part(writer, "convertedFrom", () => WriteQuantity(writer, from.Value, from.Unit));
            if (used.InsteadOf is { } newer)
                Part(writer, "insteadOf", () => writer.WriteString("valueString", newer.Reference));
            End(writer);
        }

        foreach (var skipped in basis.Skipped)
        {
            Begin(writer, "lazaret.skipped", skipped.Code, skipped.Reference, skipped.Time, model);
            if (skipped.Reason is { } reason)
                Part(writer, "reason", () => writer.WriteString("valueCode", reason));
            Part(writer, "cause", () => writer.WriteString("valueCode", skipped.Cause));
            Part(writer, "explanation", () => writer.WriteString("valueString", skipped.Explanation));
            End(writer);
        }
    }

    private static void Begin(Utf8JsonWriter writer, string name, string code, string reference, DateTimeOffset? time, ModelDescription model)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteStartArray("part");
        var requirement = model.Requirements.FirstOrDefault(requirement => requirement.Code == code);
        Part(writer, "code", () =>
        {
            writer.WriteStartObject("valueCoding");
            if (requirement is not null)
                writer.WriteString("system", requirement.System);
            writer.WriteString("code", code);
            if (requirement is not null && requirement.Title != code)
                writer.WriteString("display", requirement.Title);
            writer.WriteEndObject();
        });
        // A component's place has a fragment, and a URN leads nowhere outside of the bundle: this is no reference that a server could follow.
        Part(writer, "reference", () => writer.WriteString("valueString", reference));
        if (time is { } instant)
            Part(writer, "time", () => writer.WriteString("valueDateTime", FhirJson.Instant(instant)));
    }

    private static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Part(Utf8JsonWriter writer, string name, Action writeValue)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writeValue();
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonElement value, string? unit)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number when unit is not null:
                WriteQuantity(writer, value.GetDecimal(), unit);
                break;
            case JsonValueKind.Number:
                writer.WriteNumber("valueDecimal", value.GetDecimal());
                break;
            case JsonValueKind.True:
                writer.WriteBoolean("valueBoolean", true);
                break;
            default:
                writer.WriteString("valueString", value.GetString());
                break;
        }
    }

    private static void WriteQuantity(Utf8JsonWriter writer, decimal value, string unit)
    {
        writer.WriteStartObject("valueQuantity");
        writer.WriteNumber("value", value);
        writer.WriteString("system", UcumUnit.System);
        writer.WriteString("code", unit);
        writer.WriteEndObject();
    }
}
