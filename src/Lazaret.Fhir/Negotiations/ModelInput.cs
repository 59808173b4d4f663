using System.Buffers;
using System.Text.Json;

namespace Lazaret.Fhir.Negotiations;

/// <summary>
/// The sandbox's <c>input.json</c>: the chosen values under the requirements' codes, with their ages, and nothing else of the
/// bundle: no identifier, no absolute time, no free text.
/// </summary>
public static class ModelInput
{
    /// <param name="subject">A random pseudonym, new for every job.</param>
    /// <param name="now">The instant of the negotiation; ages are whole seconds before it, from the oldest possible instant; 0 for one that a clock ahead of ours gave.</param>
    public static byte[] ToJson(string modelKey, string modelVersion, string subject, Negotiation.Satisfied negotiation, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("model");
            writer.WriteString("key", modelKey);
            writer.WriteString("version", modelVersion);
            writer.WriteEndObject();
            writer.WriteString("subject", subject);
            WriteGroup<ObservationRequirement>(writer, "observations", negotiation, now);
            if (negotiation.Chosen.Any(item => item.Requirement is ConditionRequirement))
                WriteGroup<ConditionRequirement>(writer, "conditions", negotiation, now);
            if (negotiation.Chosen.Any(item => item.Requirement is MedicationRequirement))
                WriteGroup<MedicationRequirement>(writer, "medications", negotiation, now);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteGroup<T>(Utf8JsonWriter writer, string name, Negotiation.Satisfied negotiation, DateTimeOffset now)
        where T : Requirement
    {
        writer.WriteStartObject(name);
        foreach (var item in negotiation.Chosen.Where(item => item.Requirement is T))
        {
            writer.WriteStartObject(item.Requirement.Code);
            switch (item.Value)
            {
                case ChosenValue.Measured measured:
                    writer.WriteNumber("value", measured.Number);
                    if (measured.Unit is not null)
                        writer.WriteString("unit", measured.Unit);
                    break;
                case ChosenValue.Token token:
                    writer.WriteString("value", token.Text);
                    break;
            }

            if (item.Earliest is { } effective)
                writer.WriteNumber("age_seconds", Math.Max(0, (long)(now - effective).TotalSeconds));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
