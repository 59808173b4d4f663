using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Chooses among the entries that a bundle has for one requirement.</summary>
/// <param name="Item">The datum that meets the requirement; null when none does.</param>
/// <param name="Cause">Why none does; null when one does.</param>
/// <param name="Found">The datum that gives the cause; null when there is none of the kind.</param>
/// <param name="Skipped">Those that are not used, the newest first, at most <see cref="MostSkipped"/>.</param>
internal sealed record Choice(ChosenItem? Item, MissCause? Cause, Finding? Found, IReadOnlyList<Finding> Skipped)
{
    private const int MostSkipped = 16;

    /// <summary>
    /// 1. Each candidate is checked.
    /// 2. The answer is the usable datum that begins last, or that it was asked and recorded as absent. If there is none, the newest
    /// reading gives the cause, or else what came nearest.
    /// 3. Each reading that may be newer than the answer is a doubt if it cannot be used, or if it says something else.
    /// 4. A doubt forbids the answer. Only an unusable reading may be passed over, where the requirement allows the older one.
    /// </summary>
    public static Choice Of(Requirement requirement, FhirBundle bundle, NegotiationTerms terms)
    {
        // 1.
        var readings = Candidate.Of(requirement, bundle.Entries).Select(candidate => Reading.Of(requirement, candidate, terms)).ToList();

        // 2.
        var takesAbsent = !requirement.FallsBack || readings.TrueForAll(reading => reading.Item is null);
        if (readings.Where(IsAnswer).MaxBy(reading => reading.When.Earliest) is not { } answer)
            return None(readings);

        // 3.
        var doubts = new Dictionary<Reading, MissCause>(ReferenceEqualityComparer.Instance);
        foreach (var reading in readings)
        {
            if (!ReferenceEquals(reading, answer) && reading.DoubtAbout(answer, IsAnswer(reading)) is { } doubt)
                doubts.Add(reading, doubt);
        }

        // 4.
        var isContradicted = doubts.ContainsValue(MissCause.Conflict);
        var hiding = NewestFirst(doubts.Where(doubt => doubt.Value != MissCause.Conflict).Select(doubt => (doubt.Key, doubt.Value))).FirstOrDefault();
        var isForbidden = isContradicted || (hiding is not null && !requirement.FallsBack);
        var skipped = Skip(readings, WhySkipped);
        if (hiding is not null && !requirement.FallsBack)
            return new(null, hiding.Cause, hiding, skipped);
        if (isContradicted)
            return new(null, MissCause.Conflict, answer.Describe(MissCause.Conflict), skipped);
        return answer.Item is { } item
            ? new(item with { InsteadOf = hiding }, null, null, skipped)
            : new(null, answer.Fault, answer.Describe(MissCause.RecordedAbsent), skipped);

        bool IsAnswer(Reading reading) => reading.Item is not null || (takesAbsent && reading.IsRecordedAbsent);

        MissCause? WhySkipped(Reading reading)
        {
            if (reading.Fault is { } fault)
                return fault;
            if (ReferenceEquals(reading, answer))
                return !isForbidden ? null : isContradicted ? MissCause.Conflict : MissCause.Older;
            if (doubts.TryGetValue(reading, out var doubt))
                return doubt;
            return reading.SaysOtherThan(answer) ? MissCause.Older : null;
        }
    }

    private static Choice None(IReadOnlyList<Reading> readings)
    {
        var newest = NewestFirst(readings.Where(reading => reading.IsAReading).Select(reading => (reading, reading.Fault!.Value))).FirstOrDefault();
        var telling = newest ?? (readings.MaxBy(reading => Nearness.Of(reading.Fault!.Value)) is { } nearest ? nearest.Describe(nearest.Fault!.Value) : null);
        return new(null, telling?.Cause ?? MissCause.NoMatch, telling, Skip(readings, reading => reading.Fault));
    }

    private static IReadOnlyList<Finding> Skip(IEnumerable<Reading> readings, Func<Reading, MissCause?> why) =>
        [.. NewestFirst(readings.Select(reading => (reading, Cause: why(reading))).Where(one => one.Cause is not null).Select(one => (one.reading, one.Cause!.Value))).Take(MostSkipped)];

    /// <summary>By the latest instant at which it can have been true, the undated last. Of one time the one that came nearest is first, whatever the bundle's order.</summary>
    private static IEnumerable<Finding> NewestFirst(IEnumerable<(Reading Reading, MissCause Cause)> readings) => readings
        .OrderByDescending(one => one.Reading.When.SaysNothing ? DateTimeOffset.MinValue : one.Reading.When.Latest ?? DateTimeOffset.MaxValue)
        .ThenByDescending(one => one.Reading.When.Earliest)
        .ThenByDescending(one => Nearness.Of(one.Cause))
        .ThenBy(one => one.Reading.Candidate.Source, StringComparer.Ordinal)
        .Select(one => one.Reading.Describe(one.Cause));
}
