using System.Text.Json;

namespace SepsisNews2;

/// <summary>
/// <c>input.json</c>: <c>{"model":{…},"subject":"…","observations":{"8310-5":{"value":38.4,"unit":"Cel","age_seconds":1800},…}}</c>,
/// consciousness as <c>{"value":"A"}</c>. Faults name places and what is expected there, never a patient's value.
/// </summary>
public abstract record ModelInput
{
    /// <summary>LOINC "Level of responsiveness"; the manifest maps its answers to the letters of ACVPU.</summary>
    public const string ConsciousnessCode = "67775-7";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public sealed record Accepted(Vitals Vitals) : ModelInput;

    /// <param name="Faults">All of them, each on one line.</param>
    public sealed record Refused(IReadOnlyList<string> Faults) : ModelInput;

    public static ModelInput Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            return new Reader().Read(document.RootElement);
        }
        catch (JsonException e)
        {
            // Only a repeated name is found after parsing, and has no position.
            return new Refused([e.LineNumber is { } line ? $"not JSON: line {line + 1}, byte {e.BytePositionInLine + 1}" : "a name is given twice"]);
        }
    }

    private sealed class Reader
    {
        private readonly List<string> _faults = [];

        public ModelInput Read(JsonElement root)
        {
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("observations", out var observations)
                || observations.ValueKind != JsonValueKind.Object)
                return new Refused(["observations: an object is required"]);

            RefuseUnknown("", root, "model", "subject", "observations");
            RefuseUnknown("observations.", observations,
                Chart.Respiration.Code, Chart.OxygenSaturation.Code, Chart.SystolicPressure.Code, Chart.Pulse.Code,
                Chart.Temperature.Code, Chart.OxygenFlow.Code, ConsciousnessCode);

            var vitals = new Vitals
            {
                Respiration = Required(observations, Chart.Respiration),
                OxygenSaturation = Required(observations, Chart.OxygenSaturation),
                SystolicPressure = Required(observations, Chart.SystolicPressure),
                Pulse = Required(observations, Chart.Pulse),
                Temperature = Required(observations, Chart.Temperature),
                OxygenFlow = Optional(observations, Chart.OxygenFlow),
                Consciousness = ReadConsciousness(observations),
            };
            return _faults.Count == 0 ? new Accepted(vitals) : new Refused(_faults);
        }

        private decimal Required(JsonElement observations, ChartRow row)
        {
            if (!observations.TryGetProperty(row.Code, out _))
                _faults.Add($"observations.{row.Code}: missing");
            return Optional(observations, row) ?? 0;
        }

        private decimal? Optional(JsonElement observations, ChartRow row)
        {
            if (ObservationAt(observations, row.Code) is not { } observation)
                return null;

            if (!observation.TryGetProperty("unit", out var unit) || unit.ValueKind != JsonValueKind.String || !unit.ValueEquals(row.Unit))
                _faults.Add($"observations.{row.Code}.unit: {row.Unit} is expected");

            if (observation.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDecimal(out var number) && number >= row.Plausible.Lowest && number <= row.Plausible.Highest)
                return number;

            _faults.Add($"observations.{row.Code}.value: a number from {row.Plausible.Lowest} to {row.Plausible.Highest} is expected");
            return null;
        }

        private Consciousness? ReadConsciousness(JsonElement observations)
        {
            if (ObservationAt(observations, ConsciousnessCode) is not { } observation)
                return null;

            var letter = observation.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            switch (letter)
            {
                case "A": return Consciousness.Alert;
                case "C": return Consciousness.NewConfusion;
                case "V": return Consciousness.RespondsToVoice;
                case "P": return Consciousness.RespondsToPain;
                case "U": return Consciousness.Unresponsive;
                default:
                    _faults.Add($"observations.{ConsciousnessCode}.value: A, C, V, P or U is expected");
                    return null;
            }
        }

        private JsonElement? ObservationAt(JsonElement observations, string code)
        {
            if (!observations.TryGetProperty(code, out var observation))
                return null;

            if (observation.ValueKind == JsonValueKind.Object)
            {
                RefuseUnknown($"observations.{code}.", observation, "value", "unit", "age_seconds");
                return observation;
            }

            _faults.Add($"observations.{code}: an object is required");
            return null;
        }

        private void RefuseUnknown(string place, JsonElement element, params ReadOnlySpan<string> known)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (!known.Contains(property.Name))
                    _faults.Add($"{place}{JsonEncodedText.Encode(property.Name)}: unknown");
            }
        }
    }
}
