using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Negotiations;

/// <summary>An entry, or one component of it, that carries a requirement's code.</summary>
/// <param name="Code">The coding that the requirement asks for, or else the near miss.</param>
internal sealed record Candidate(ClinicalEntry Entry, string Source, Coding Code, ObservedValue? Value, bool HasModifier)
{
    /// <summary>
    /// The instants at which it can have been true. An observation without a date: at the latest when it was issued. Conditions and medications: when they were
    /// recorded or began.
    /// </summary>
    public PossibleTime When { get; } = Entry switch
    {
        ObservationEntry { Time: { SaysNothing: false } time } => time,
        ObservationEntry entry => new(null, entry.Issued),
        { Time: { } time } => new(time.Earliest ?? time.Latest, time.Earliest ?? time.Latest),
        _ => new(null, null),
    };

    /// <summary>Nobody says when it was true, but perhaps when it was released.</summary>
    public bool IsUndated => Entry.Time is null or { SaysNothing: true };

    private bool IsInOtherPanel { get; init; }

    /// <summary>Of the component, where it is one.</summary>
    private IReadOnlyList<Coding> Codes { get; init; } = Entry.Codes;

    public static IEnumerable<Candidate> Of(Requirement requirement, IEnumerable<ClinicalEntry> entries)
    {
        // Many orders refer to one medication, and so share its list of codes: each list is searched once.
        var shared = new Dictionary<IReadOnlyList<Coding>, Coding?>(ReferenceEqualityComparer.Instance);
        return entries.SelectMany(entry => Of(requirement, entry, shared));
    }

    private static IEnumerable<Candidate> Of(Requirement requirement, ClinicalEntry entry, Dictionary<IReadOnlyList<Coding>, Coding?> shared)
    {
        var isRightKind = (requirement, entry) is (ObservationRequirement, ObservationEntry)
            or (ConditionRequirement, ConditionEntry) or (MedicationRequirement, MedicationEntry);
        if (!isRightKind)
            yield break;
        if (!shared.TryGetValue(entry.Codes, out var own))
        {
            own = Match(requirement, entry.Codes);
            if (entry is MedicationEntry)
                shared.Add(entry.Codes, own);
        }

        if (own is not null)
            yield return new(entry, entry.Source, own, (entry as ObservationEntry)?.Value, entry.HasModifier);
        if (entry is not ObservationEntry { Components: { Count: > 0 } parts })
            yield break;
        var isNamed = ((ObservationRequirement)requirement).Panels.Any(entry.Codes.Contains);
        foreach (var part in parts)
        {
            if (Match(requirement, part.Codes) is { } match && (isNamed || requirement.Asks(match)))
            {
                yield return new(entry, $"{entry.Source}#{match.Code}", match, part.Value,
                    entry.HasModifier || part.HasModifier) { IsInOtherPanel = !isNamed, Codes = part.Codes };
            }
        }
    }

    /// <summary>The first fault in the order of these lines, or else the item.</summary>
    public (MissCause? Fault, ChosenItem? Item) Check(Requirement requirement, NegotiationTerms terms)
    {
        if (!requirement.Asks(Code))
            return (MissCause.OtherSystem, null);
        if (IsInOtherPanel)
            return (MissCause.OtherPanel, null);
        if (Entry.IsDisputed)
            return (MissCause.Conflict, null);
        if (Entry.IsContained)
            return (MissCause.Contained, null);
        if (HasModifier)
            return (MissCause.Modifier, null);
        if (IsAlsoAnother(requirement, terms))
            return (MissCause.Ambiguous, null);
        if (requirement.AcceptsAbsent && SaysNo && TimeFault(requirement, terms) is null)
            return (MissCause.RecordedAbsent, null);
        if (!HasUsableStatus(requirement))
            return (MissCause.Status, null);
        if (requirement is MedicationRequirement medication && medication.HasEnded((MedicationEntry)Entry, terms.Now))
            return (MissCause.Stale, null);
        if (Entry.Patient is null)
            return (MissCause.NoSubject, null);
        if (Entry is ObservationEntry { HasForeignFocus: true })
            return (MissCause.Focus, null);
        var (valueFault, value) = Convert(requirement);
        if (value is null)
            return (valueFault, null);
        if (TimeFault(requirement, terms) is { } timeFault)
            return (timeFault, null);
        if (requirement is ObservationRequirement { Range: { } range } && value is ChosenValue.Measured measured && !range.Contains(measured.Number))
            return (MissCause.Implausible, null);
        return (null, new ChosenItem(requirement, Source, value, Entry.Time?.Earliest) { ConvertedFrom = Original(value), Original = Value });
    }

    public Finding Describe(MissCause cause, Requirement requirement, NegotiationTerms terms) => new(Source, Value, When.Earliest ?? When.Latest, cause)
    {
        UnresolvedSubject = Entry.UnresolvedSubject,
        OtherSystem = requirement.AsksInOtherWords(Code) ? Code.System ?? "" : null,
        IsDisputed = Entry.IsDisputed,
        IsAnswer = SaysNo && Value is not ObservedValue.Absent { WasAsked: false } && cause is MissCause.Status or MissCause.NoValue && TimeFault(requirement, terms) is null,
    };

    /// <summary>
    /// Whether, despite the fault, this entry shows that a value of this kind exists. Withdrawn or never made entries, and those about
    /// somebody else, do not. Of disputed versions nobody knows which was withdrawn, so they count.
    /// </summary>
    public bool IsAReading(MissCause fault, Requirement requirement) => fault switch
    {
        MissCause.OtherSystem when !requirement.AsksInOtherWords(Code) => false,
        MissCause.Focus => false,
        _ when Entry.IsDisputed => true,
        _ => Entry switch
        {
            ObservationEntry entry => entry is { HasForeignFocus: false, Status: not ("entered-in-error" or "cancelled") },
            ConditionEntry entry => entry.VerificationStatus != "entered-in-error",
            MedicationEntry entry => (entry.IsTaken || entry.Forbids) && entry.Status is not ("entered-in-error" or "cancelled" or "draft" or "intended"),
            _ => false,
        },
    };

    /// <summary>
    /// It says something else than the other. What has no value at all says nothing. One condition or medication does not speak against
    /// another, unless it says that the patient has it no more, or not at all.
    /// </summary>
    public bool SaysOtherThan(Candidate other, Requirement requirement)
    {
        if (requirement is not ObservationRequirement)
            return Denies != other.Denies;
        if (Value is null)
            return false;
        return (Convert(requirement).Value, other.Convert(requirement).Value) switch
        {
            (null, null) => Value != other.Value,
            var (mine, others) => mine != others,
        };
    }

    /// <summary>A coding of the right system, or else the near miss. All codings are alternatives; their order means nothing.</summary>
    private static Coding? Match(Requirement requirement, IReadOnlyList<Coding> codes) =>
        codes.FirstOrDefault(requirement.Asks) ?? codes.FirstOrDefault(requirement.AsksInOtherWords) ?? codes.FirstOrDefault(coding => requirement.AsksElsewhere(coding.Code));

    // A condition or medicine that the patient has no more, or never had.
    private bool Denies => Entry switch
    {
        ConditionEntry entry => entry.VerificationStatus is "refuted" or "" || entry.ClinicalStatus is "" || ConditionEntry.EndedStatuses.Contains(entry.ClinicalStatus, StringComparer.Ordinal),
        MedicationEntry entry => entry.Forbids || entry.Status is "not-taken" or "stopped" or "completed" or "on-hold",
        _ => false,
    };

    // Another coding of it is the datum of another requirement: which of the two it is nobody can tell.
    private bool IsAlsoAnother(Requirement requirement, NegotiationTerms terms) => requirement is ObservationRequirement && Codes.Count > 1
        && Codes.Any(coding => !requirement.Asks(coding) && terms.Requirements.Any(other => other is ObservationRequirement && !ReferenceEquals(other, requirement) && other.Asks(coding)));

    // Under a status that says that somebody has really asked.
    private bool SaysNo => Entry switch
    {
        ObservationEntry entry => Value is ObservedValue.Absent { IsAnswer: true } && entry.Patient is not null && !entry.HasForeignFocus
            && ObservationRequirement.FinalStatuses.Contains(entry.Status, StringComparer.Ordinal),
        ConditionEntry entry => entry is { VerificationStatus: "refuted", Patient: not null },
        MedicationEntry entry => entry is { Status: "not-taken", Patient: not null },
        _ => false,
    };

    private bool HasUsableStatus(Requirement requirement) => Entry switch
    {
        ObservationEntry entry => ((ObservationRequirement)requirement).UsableStatuses.Contains(entry.Status, StringComparer.Ordinal),
        ConditionEntry entry => ((ConditionRequirement)requirement).Accepts(entry),
        MedicationEntry entry => ((MedicationRequirement)requirement).Accepts(entry),
        _ => false,
    };

    private (MissCause? Fault, ChosenValue? Value) Convert(Requirement requirement)
    {
        if (requirement is not ObservationRequirement observation)
            return (null, new ChosenValue.Present());
        return Value switch
        {
            ObservedValue.Coded coded when observation.Unit is null => Token(observation, coded),
            ObservedValue.Whole whole when observation is { TakesBareNumbers: true, AcceptedCodes.Count: 0 } =>
                (null, new ChosenValue.Measured(whole.Number, observation.Unit)),
            ObservedValue.Quantity quantity when observation.AcceptedCodes.Count == 0 => Measure(observation, quantity),
            _ => (MissCause.NoValue, null),
        };
    }

    private static (MissCause? Fault, ChosenValue? Value) Measure(ObservationRequirement requirement, ObservedValue.Quantity quantity)
    {
        if (quantity.Number is not { } number)
            return (MissCause.NoValue, null);
        if (quantity.HasComparator)
            return (MissCause.Comparator, null);
        // A number without any word of a unit is a bare one.
        if (quantity is { System: null, Code: null, Shown: null } && requirement is { TakesBareNumbers: true, Unit: { } bare })
            return (null, new ChosenValue.Measured(number, bare));
        var unit = UnitOf(quantity);
        if (requirement.Unit is null)
            return (null, new ChosenValue.Measured(number, unit));
        try
        {
            return unit is not null && requirement.Convert(number, unit) is { } converted
                ? (null, new ChosenValue.Measured(converted, requirement.Unit))
                : (MissCause.Unit, null);
        }
        catch (OverflowException)
        {
            return (MissCause.Implausible, null);
        }
    }

    private static string? UnitOf(ObservedValue.Quantity quantity) => quantity.System == UcumUnit.System ? quantity.Code : null;

    // Null where the value came in the unit asked for.
    private ChosenValue.Measured? Original(ChosenValue value) =>
        Value is ObservedValue.Quantity { Number: { } number } quantity && value is ChosenValue.Measured chosen && UnitOf(quantity) is { } unit && unit != chosen.Unit
            ? new(number, unit)
            : null;

    /// <summary>Codings that would mean different tokens contradict each other, so that there is no value.</summary>
    private static (MissCause? Fault, ChosenValue? Value) Token(ObservationRequirement requirement, ObservedValue.Coded coded)
    {
        var keys = coded.Codes.Where(coding => coding is { System: not null, Code: not null }).Select(coding => $"{coding.System}|{coding.Code}");
        var tokens = requirement.AcceptedCodes.Count == 0
            ? keys.Take(1).ToList()
            : keys.Select(requirement.AcceptedCodes.GetValueOrDefault).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return tokens is [var token] ? (null, new ChosenValue.Token(token)) : (MissCause.NoValue, null);
    }

    private MissCause? TimeFault(Requirement requirement, NegotiationTerms terms)
    {
        var earliest = Entry.Time?.Earliest;
        var newestAllowed = terms.Now + terms.ClockSkew;
        if (earliest > newestAllowed || Entry.Time?.EarliestEnd > newestAllowed)
            return MissCause.Future;
        if (requirement.MaxAge is not { } maxAge)
            return null;
        var oldestAllowed = terms.Now - maxAge;
        if (Entry.Time?.Latest < oldestAllowed)
            return MissCause.Stale;
        return earliest is null || earliest < oldestAllowed ? MissCause.NoTime : null;
    }
}
