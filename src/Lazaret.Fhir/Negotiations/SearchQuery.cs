using System.Globalization;

namespace Lazaret.Fhir.Negotiations;

/// <summary>The FHIR R4 search that would find a missing datum.</summary>
public static class SearchQuery
{
    /// <summary>Enough for newer ones that cannot be used not to hide an older one that can, and the other way round.</summary>
    private const int Count = 50;

    /// <summary>
    /// Relative to the server's root: <c>Observation?code=http://loinc.org|8310-5&amp;patient=Patient/1&amp;…</c>. It asks for every status:
    /// a newer datum that cannot be used must be seen, and conditions may lack theirs.
    /// </summary>
    /// <param name="patient"><c>Patient/id</c>; null where the patient is not known on a server.</param>
    public static string Of(Requirement requirement, DateTimeOffset now, string? patient = null)
    {
        var since = requirement.MaxAge is { } age
            ? (now - age).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;
        return Of(requirement, since, patient);
    }

    /// <summary>The search for what is stated of a medicine, beside that for what is ordered; null for anything else.</summary>
    public static string? OfStatements(Requirement requirement, DateTimeOffset now, string? patient = null) =>
        requirement is MedicationRequirement ? Statements(Of(requirement, now, patient)) : null;

    // A search by effective would lose those that are not dated: the negotiation judges their age.
    internal static string Statements(string orders)
    {
        var search = orders.Replace("MedicationRequest?", "MedicationStatement?", StringComparison.Ordinal).Replace("&_sort=-authoredon", "&_sort=-effective", StringComparison.Ordinal);
        var from = search.IndexOf("&authoredon=", StringComparison.Ordinal);
        return from < 0 ? search : search.Remove(from, search.IndexOf('&', from + 1) - from);
    }

    /// <summary>The same with the oldest date already in words, or none: prefetch templates have no instant to count from.</summary>
    internal static string Of(Requirement requirement, string? since, string? patient = null)
    {
        var codings = requirement is ObservationRequirement observation ? requirement.Codings.Concat(observation.Panels) : requirement.Codings;
        var code = string.Join(',', codings.Select(item => $"{Escape(item.System!)}|{Escape(item.Code!)}"));
        var (type, time) = requirement switch
        {
            ObservationRequirement => ("Observation", "date"),
            ConditionRequirement => ("Condition", "recorded-date"),
            MedicationRequirement => ("MedicationRequest", "authoredon"),
            _ => throw new ArgumentOutOfRangeException(nameof(requirement), requirement.GetType().Name, "no search for it"),
        };
        return string.Create(
            CultureInfo.InvariantCulture, $"{type}?code={code}{(patient is null ? "" : $"&patient={Escape(patient)}")}{From(time, since)}&_sort=-{time}&_count={Count}");
    }

    private static string From(string parameter, string? since) => since is null ? "" : $"&{parameter}=ge{since}";

    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal);
}
