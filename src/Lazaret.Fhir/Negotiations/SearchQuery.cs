using System.Globalization;

namespace Lazaret.Fhir.Negotiations;

/// <summary>The FHIR R4 search that would find a missing datum.</summary>
public static class SearchQuery
{
    /// <summary>Relative to the server's root, without the patient: <c>Observation?code=http://loinc.org|8310-5&amp;…</c>.</summary>
    public static string Of(Requirement requirement, DateTimeOffset now)
    {
        var since = requirement.MaxAge is { } age
            ? (now - age).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;
        return Of(requirement, since);
    }

    /// <summary>The same with the oldest date already in words, or none: prefetch templates have no instant to count from.</summary>
    internal static string Of(Requirement requirement, string? since)
    {
        var codes = requirement.AlsoCodes.Prepend(requirement.Code);
        if (requirement is ObservationRequirement { ComponentOf: { } panel })
            codes = codes.Append(panel);
        var code = string.Join(',', codes.Select(item => $"{Escape(requirement.System)}|{Escape(item)}"));
        return requirement switch
        {
            ObservationRequirement observation =>
                $"Observation?code={code}&status={string.Join(',', observation.UsableStatuses)}{From("date", since)}&_sort=-date&_count=1",
            ConditionRequirement =>
                $"Condition?code={code}&clinical-status={string.Join(',', ConditionRequirement.ActiveStatuses)}"
                + $"&verification-status=confirmed{From("recorded-date", since)}&_sort=-recorded-date&_count=1",
            MedicationRequirement =>
                $"MedicationRequest?code={code}&status=active{From("authoredon", since)}&_sort=-authoredon&_count=1",
            _ => throw new ArgumentOutOfRangeException(nameof(requirement), requirement.GetType().Name, "no search for it"),
        };
    }

    private static string From(string parameter, string? since) => since is null ? "" : $"&{parameter}=ge{since}";

    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal);
}
