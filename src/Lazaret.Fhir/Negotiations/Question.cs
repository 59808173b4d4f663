using System.Globalization;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A missing datum as a sentence that a nurse or a patient can be asked.</summary>
internal static class Question
{
    private static readonly (TimeSpan Length, string Name)[] Spans =
    [
        (TimeSpan.FromDays(1), "day"), (TimeSpan.FromHours(1), "hour"), (TimeSpan.FromMinutes(1), "minute"), (TimeSpan.FromSeconds(1), "second"),
    ];

    private static readonly string[] Eponyms = ["Glasgow", "Apgar", "Braden", "Karnofsky", "Rankin", "Child", "Marshall"];

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["Cel"] = "degrees Celsius",
        ["[degF]"] = "degrees Fahrenheit",
        ["K"] = "kelvin",
        ["mm[Hg]"] = "millimeters of mercury (mmHg)",
        ["kPa"] = "kilopascals",
        ["/min"] = "per minute",
        ["1/min"] = "per minute",
        ["{beats}/min"] = "beats per minute",
        ["{breaths}/min"] = "breaths per minute",
        ["%"] = "percent",
        ["L/min"] = "liters per minute",
        ["mL/min"] = "milliliters per minute",
        ["kg"] = "kilograms",
        ["g"] = "grams",
        ["[lb_av]"] = "pounds",
        ["cm"] = "centimeters",
        ["m"] = "meters",
        ["[in_i]"] = "inches",
        ["kg/m2"] = "kilograms per square meter",
        ["a"] = "years",
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["mg/dL"] = "milligrams per deciliter",
        ["g/dL"] = "grams per deciliter",
        ["g/L"] = "grams per liter",
        ["mg/L"] = "milligrams per liter",
        ["mmol/L"] = "millimoles per liter",
        ["umol/L"] = "micromoles per liter",
        ["10*3/uL"] = "thousands per microliter",
        ["10*9/L"] = "billions per liter",
        ["10*6/uL"] = "millions per microliter",
    };

    public static string Of(Requirement requirement, Finding? found)
    {
        if (found is { Cause: MissCause.Future, Time: { } time })
            return string.Create(CultureInfo.InvariantCulture, $"The {Lower(requirement.Title)} on record is dated {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC, which is in the future. Can its time be corrected?");
        return requirement.Ask ?? requirement switch
        {
            ConditionRequirement => $"Does the patient have {Lower(requirement.Title)}?",
            MedicationRequirement => $"Does the patient take {Lower(requirement.Title)}?",
            ObservationRequirement { AcceptedCodes.Count: > 0 } coded =>
                $"What is the {Lower(requirement.Title)}{Freshness(requirement.MaxAge, "observed")}: {Alternatives([.. coded.Answers().Select(answer => answer.Words).Distinct(StringComparer.Ordinal)])}?",
            ObservationRequirement { Unit: { } unit } => $"What is the {Lower(requirement.Title)}{InWords(unit)}{Freshness(requirement.MaxAge, "measured")}?",
            _ => $"What is the {Lower(requirement.Title)}{Freshness(requirement.MaxAge, "observed")}?",
        };
    }

    private static string InWords(string unit)
    {
        if (Units.TryGetValue(unit, out var words))
            return words.StartsWith("per ", StringComparison.Ordinal) || words == "percent" ? $", {words}" : $" in {words}";
        return UnitConversion.Find("1", unit) is { AreEqual: true } ? ", as a number" : $" in {unit}";
    }

    private static string Freshness(TimeSpan? maxAge, string verb)
    {
        if (maxAge is not { } age)
            return "";
        var (length, name) = Array.Find(Spans, span => age.Ticks % span.Length.Ticks == 0) is { Name: not null } whole ? whole : Spans[^1];
        var count = age.Ticks / length.Ticks;
        return string.Create(CultureInfo.InvariantCulture, $", {verb} within the last {(count == 1 ? name : $"{count} {name}s")}");
    }

    private static string Alternatives(IReadOnlyList<string> words) => words switch
    {
        [] => "",
        [var only] => only,
        _ => $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}",
    };

    // "Body temperature" within a sentence, but "INR in plasma" as it is.
    private static string Lower(string title) =>
        title.Length > 1 && !Eponyms.Any(name => title.StartsWith(name, StringComparison.Ordinal)) && char.IsUpper(title[0]) && char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;
}
