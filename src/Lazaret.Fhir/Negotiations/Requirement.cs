using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>One datum that a model needs.</summary>
public abstract record Requirement
{
    /// <summary>The code that names the requirement everywhere: in answers, in <c>input.json</c>, in the manifest.</summary>
    public required string Code { get; init; }

    /// <summary>Codes that count the same: of the same system, or <c>system|code</c>.</summary>
    public IReadOnlyList<string> AlsoCodes { get; init; } = [];

    /// <summary>The code system's URI, compared by its bytes.</summary>
    public abstract string System { get; init; }

    public string? Display { get; init; }

    /// <summary>What to call it: the manifest's words, or else ours, or else the code.</summary>
    public string Title => Display is { Length: > 0 } ? Display : LoincName.Of(System, Code)?.Name ?? Code;

    /// <summary>The sentence by which a person is asked for it; null for one that is made of the others.</summary>
    public string? Ask { get; init; }

    /// <summary>Without a mandatory datum the model does not run.</summary>
    public bool Mandatory { get; init; } = true;

    /// <summary>The age that the datum may have; null when even an undated one will do.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>
    /// Of observations and medications, statuses that are usable beside the usual ones. Of conditions, those that alone count, clinical and
    /// verification statuses each by themselves.
    /// </summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>
    /// That it was asked and that the answer is no or unknown counts as an answer, and the model runs without it: an Observation with a
    /// dataAbsentReason, a refuted Condition, a MedicationStatement of what is not taken, as fresh as <see cref="MaxAge"/> says.
    /// </summary>
    public bool AcceptsAbsent { get; init; }

    /// <summary>An older datum may be used where a newer one of the kind cannot be. The result says so.</summary>
    public bool FallsBack { get; init; }

    /// <summary>What is wrong with the requirement itself: every fault, in plain words, each naming the member.</summary>
    public IReadOnlyList<string> Faults() => [.. FindFaults(), .. FindUnitFaults()];

    /// <summary>The faults of all of them and of their being together: a code names one requirement.</summary>
    /// <param name="requirements">All of a model.</param>
    /// <param name="withUnits">Units are checked with UCUM and LOINC too.</param>
    public static IReadOnlyList<string> FaultsOf(IReadOnlyList<Requirement> requirements, bool withUnits = true) =>
    [
        .. requirements.SelectMany(requirement => (withUnits ? requirement.Faults() : [.. requirement.FindFaults()]).Select(fault => $"{requirement.Code}: {fault}")),
        .. requirements.GroupBy(requirement => requirement.Code, StringComparer.Ordinal)
            .Where(group => group.Count() > 1).Select(group => $"{group.Key}: required {group.Count()} times"),
    ];

    /// <summary>Every code that counts, with its system, <see cref="Code"/> first.</summary>
    public IEnumerable<Coding> Codings => AlsoCodes.Select(Read).Prepend(new(System, Code));

    /// <summary>The codes of what the negotiation looks at: see <see cref="FhirScope.Relevant"/>.</summary>
    public virtual IEnumerable<string> ReadCodes => AlsoCodes.Prepend(Code);

    internal bool Asks(Coding coding)
    {
        if (coding is not { System: { } system, Code: { } code })
            return false;
        if (system == System && (code == Code || AlsoCodes.Contains(code, StringComparer.Ordinal)))
            return true;
        foreach (var also in AlsoCodes)
        {
            if (also.Length == system.Length + 1 + code.Length && also[system.Length] == '|'
                && also.StartsWith(system, StringComparison.Ordinal) && also.EndsWith(code, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The code counts, whatever the system.</summary>
    internal bool AsksElsewhere(string? code) => code is not null && (code == Code || AlsoCodes.Contains(code, StringComparer.Ordinal));

    /// <summary>The code counts, and its system is one asked for, written in another way or not at all.</summary>
    internal bool AsksInOtherWords(Coding coding) => coding.Code is { } code
        && ((code == Code && SystemSpelling.AreAlike(System, coding.System))
            || AlsoCodes.Any(also => also.EndsWith(code, StringComparison.Ordinal) && Read(also) is var asked && asked.Code == code
                && SystemSpelling.AreAlike(asked.System!, coding.System)));

    private protected virtual IEnumerable<string> FindUnitFaults() => [];

    private Coding Read(string also) => also.LastIndexOf('|') is >= 0 and var bar ? new(also[..bar], also[(bar + 1)..]) : new(System, also);

    private protected virtual IEnumerable<string> FindFaults()
    {
        if (!Uri.TryCreate(System, UriKind.Absolute, out _))
            yield return $"system {System} is not an absolute URI";
        foreach (var fault in CodeFaults("code", [new(System, Code)]).Concat(CodeFaults("also_codes", AlsoCodes.Select(Read))))
            yield return fault;
        if (AlsoCodes.Append(Code).GroupBy(code => code, StringComparer.Ordinal).Any(group => group.Count() > 1))
            yield return "also_codes repeats a code";
        if (MaxAge <= TimeSpan.Zero)
            yield return "max_age must be longer than nothing";
    }

    private protected IEnumerable<string> StatusFaults(IReadOnlyList<string> allowed) =>
        Statuses.Except(allowed, StringComparer.Ordinal).Select(status => $"statuses {status} cannot be usable: allowed are {string.Join(", ", allowed)}");

    private protected static IEnumerable<string> CodeFaults(string member, IEnumerable<Coding> codings)
    {
        foreach (var coding in codings)
        {
            var code = coding.Code!;
            if (!Uri.TryCreate(coding.System, UriKind.Absolute, out _) && member != "code")
                yield return $"{member} {coding.System}|{code}: the system is not an absolute URI";
            if (code.Length is 0 or > 64 || code.Any(character => character is <= ' ' or > '~' or '|' or ','))
                yield return $"{member} must be 1 to 64 printable ASCII characters without space, bar and comma";
            else if (coding.System == Loinc.System && !Loinc.HasValidCheckDigit(code))
                yield return $"{member} {code} is no LOINC code: its check digit is wrong";
        }
    }
}
