namespace Lazaret.Fhir.Negotiations;

/// <summary>One datum that a model needs.</summary>
public abstract record Requirement
{
    /// <summary>The code that names the requirement everywhere: in answers, in <c>input.json</c>, in the manifest.</summary>
    public required string Code { get; init; }

    /// <summary>Codes of the same system that count the same.</summary>
    public IReadOnlyList<string> AlsoCodes { get; init; } = [];

    /// <summary>The code system's URI, compared by its bytes.</summary>
    public abstract string System { get; init; }

    public string? Display { get; init; }

    /// <summary>Without a mandatory datum the model does not run.</summary>
    public bool Mandatory { get; init; } = true;

    /// <summary>The age that the datum may have; null when even an undated one will do.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>What is wrong with the requirement itself: every fault, in plain words, each naming the member.</summary>
    public IReadOnlyList<string> Faults() => [.. FindFaults(), .. FindUnitFaults()];

    /// <summary>The faults of all of them and of their being together: a code names one requirement.</summary>
    /// <param name="requirements">All of a model.</param>
    /// <param name="withUnits">Units are held against UCUM and LOINC too.</param>
    public static IReadOnlyList<string> FaultsOf(IReadOnlyList<Requirement> requirements, bool withUnits = true) =>
    [
        .. requirements.SelectMany(requirement => (withUnits ? requirement.Faults() : [.. requirement.FindFaults()]).Select(fault => $"{requirement.Code}: {fault}")),
        .. requirements.GroupBy(requirement => requirement.Code, StringComparer.Ordinal)
            .Where(group => group.Count() > 1).Select(group => $"{group.Key}: required {group.Count()} times"),
    ];

    /// <summary>The codes of what the negotiation looks at: see <see cref="FhirScope.Relevant"/>.</summary>
    public virtual IEnumerable<string> ReadCodes => AlsoCodes.Prepend(Code);

    internal bool Asks(string? code) => code is not null && (code == Code || AlsoCodes.Contains(code, StringComparer.Ordinal));

    private protected virtual IEnumerable<string> FindUnitFaults() => [];

    private protected virtual IEnumerable<string> FindFaults()
    {
        if (!Uri.TryCreate(System, UriKind.Absolute, out _))
            yield return $"system {System} is not an absolute URI";
        foreach (var fault in CodeFaults("code", [Code]).Concat(CodeFaults("also_codes", AlsoCodes)))
            yield return fault;
        if (AlsoCodes.Append(Code).GroupBy(code => code, StringComparer.Ordinal).Any(group => group.Count() > 1))
            yield return "also_codes repeats a code";
        if (MaxAge <= TimeSpan.Zero)
            yield return "max_age must be longer than nothing";
    }

    private protected IEnumerable<string> CodeFaults(string member, IEnumerable<string> codes)
    {
        foreach (var code in codes)
        {
            if (code.Length is 0 or > 64 || code.Any(character => character is <= ' ' or > '~' or '|' or ','))
                yield return $"{member} must be 1 to 64 printable ASCII characters without space, bar and comma";
            else if (System == Loinc.System && !Loinc.HasValidCheckDigit(code))
                yield return $"{member} {code} is no LOINC code: its check digit is wrong";
        }
    }
}
