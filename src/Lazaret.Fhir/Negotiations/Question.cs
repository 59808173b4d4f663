using System.Globalization;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A missing datum as a sentence that a nurse or a patient can be asked.</summary>
internal static class Question
{
    private static readonly (TimeSpan Length, string Name)[] Spans =
    [
        (TimeSpan.FromDays(1), "day"), (TimeSpan.FromHours(1), "hour"), (TimeSpan.FromMinutes(1), "minute"), (TimeSpan.FromSeconds(1), "second"),
    ];

    private static readonly string[] Eponyms = ["Glasgow", "Apgar", "Braden", "Karnofsky", "Rankin", "Child", "Marshall"];

    private static readonly Dictionary<string, string> Systems = new(StringComparer.Ordinal)
    {
        [Loinc.System] = "LOINC code",
        ["http://snomed.info/sct"] = "SNOMED CT code",
        ["http://www.nlm.nih.gov/research/umls/rxnorm"] = "RxNorm code",
    };

    public static string Of(Requirement requirement, Finding? found)
    {
        if (found is { Cause: MissCause.Future, Time: { } time })
            return string.Create(CultureInfo.InvariantCulture, $"The {Lower(requirement.Title)} on record is dated {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC, which is in the future. Can its time be corrected?");
        var name = NameOf(requirement);
        if (found is { IsAnswer: true })
            return $"{Answered(requirement, name)}, and the model cannot be used then. Is the record right?";
        if (found is not null && Correction(found.Cause) is { } correction)
            return $"{char.ToUpperInvariant(name[0])}{name[1..]} is on record, but {correction}?";
        return requirement.Ask ?? requirement switch
        {
            ConditionRequirement => $"Does the patient have {name}?",
            MedicationRequirement => $"Does the patient take {name}?",
            ObservationRequirement { AcceptedCodes.Count: > 0 } coded =>
                $"What is the {name}{Freshness(requirement.MaxAge, "observed")}: {Alternatives([.. coded.Answers().Select(answer => answer.Words).Distinct(StringComparer.Ordinal)])}?",
            ObservationRequirement { Unit: { } unit } => $"What is the {name}{UnitWords.Of(unit)}{Freshness(requirement.MaxAge, "measured")}?",
            _ => $"What is the {name}{Freshness(requirement.MaxAge, "observed")}?",
        };
    }

    private static string Answered(Requirement requirement, string name) => requirement switch
    {
        ConditionRequirement => $"It is on record that the patient does not have {name}",
        MedicationRequirement => $"It is on record that the patient does not take {name}",
        _ => $"It is on record that the {name} was asked for, and is not known or not given",
    };

    private static string? Correction(MissCause cause) => cause switch
    {
        MissCause.NoSubject => "names no patient by a reference that can be resolved. Can its subject be corrected",
        MissCause.Modifier => "carries a modifier extension or implicit rules that may change its meaning. Can it be recorded without them",
        MissCause.NoTime => "does not say precisely enough when it was true. Can the exact time be added",
        _ => null,
    };

    // A name that tells masses from amounts of substance tells a person nothing that the unit does not.
    private static string NameOf(Requirement requirement) => requirement.Title == requirement.Code
        ? $"{Kind(requirement)} with the {Systems.GetValueOrDefault(requirement.System, "code")} {requirement.Code}"
        : Lower(requirement.Title.Replace(" (mass)", "", StringComparison.Ordinal).Replace(" (moles)", "", StringComparison.Ordinal));

    private static string Kind(Requirement requirement) => requirement switch
    {
        ConditionRequirement => "the condition",
        MedicationRequirement => "the medicine",
        _ => "value",
    };

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
