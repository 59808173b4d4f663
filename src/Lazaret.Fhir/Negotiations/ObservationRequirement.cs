using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A measured or coded finding.</summary>
public sealed record ObservationRequirement : Requirement
{
    private const int SignificantDigits = 15;
    private const int MaxDigits = 28;

    /// <summary>The statuses that are always usable.</summary>
    internal static readonly string[] FinalStatuses = ["final", "amended", "corrected"];

    /// <summary>What a model may accept beside them; a cancelled or mistaken observation is never usable.</summary>
    private static readonly string[] UnverifiedStatuses = ["registered", "preliminary", "unknown"];

    public override string System { get; init; } = Loinc.System;

    /// <summary>The UCUM code in which the model gets the value; null takes numbers in any unit, as they are.</summary>
    public string? Unit { get; init; }

    /// <summary>
    /// UCUM code → the factor that turns it into <see cref="Unit"/>, beside the units that UCUM converts with certainty.
    /// <see cref="Unit"/> itself always counts, by 1.
    /// </summary>
    public IReadOnlyDictionary<string, decimal> AcceptedUnits { get; init; } = new Dictionary<string, decimal>(StringComparer.Ordinal);

    /// <summary>In g/mol: masses and amounts of substance are then converted into each other.</summary>
    public decimal? MolarMass { get; init; }

    /// <summary>For coded values: <c>system|code</c> → the token that the model gets. No number is accepted then.</summary>
    public IReadOnlyDictionary<string, string> AcceptedCodes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>For coded values: token → what a person would say for it.</summary>
    public IReadOnlyDictionary<string, string> AnswerWords { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The codes of the panels in which it may also be a component.</summary>
    public IReadOnlyList<string> ComponentOf { get; init; } = [];

    /// <summary>The plausible values, in <see cref="Unit"/>.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>Every unit that the manifest names.</summary>
    public IEnumerable<string> Units => Unit is null ? [] : AcceptedUnits.Keys.Prepend(Unit).Distinct(StringComparer.Ordinal);

    public override IEnumerable<string> ReadCodes => base.ReadCodes.Concat(ComponentOf);

    /// <summary>The panels, as codes of the same system.</summary>
    public IEnumerable<Coding> Panels => ComponentOf.Select(panel => new Coding(System, panel));

    /// <summary>A bare number has the unit asked for: <c>1</c>, <c>{score}</c>.</summary>
    internal bool TakesBareNumbers => Unit is null || UnitConversion.Find("1", Unit) is { AreEqual: true, Verdict: UnitVerdict.Go };

    /// <summary>One coded answer for each token, with the first of its codes.</summary>
    public IEnumerable<CodedAnswer> Answers() => AcceptedCodes.DistinctBy(item => item.Value)
        .Select(item => new CodedAnswer(
            AnswerWords.GetValueOrDefault(item.Value, item.Value), item.Key[..item.Key.LastIndexOf('|')], item.Key[(item.Key.LastIndexOf('|') + 1)..]));

    internal IEnumerable<string> UsableStatuses => FinalStatuses.Concat(Statuses);

    /// <summary>The number in <see cref="Unit"/>, by a declared factor or by UCUM; null where neither leads there with certainty.</summary>
    /// <exception cref="OverflowException">It is beyond a decimal.</exception>
    internal decimal? Convert(decimal number, string unit)
    {
        if (unit == Unit)
            return number;
        if (AcceptedUnits.TryGetValue(unit, out var factor))
            return number * factor;
        if (UnitConversion.Find(unit, Unit!, MolarMass) is not { Verdict: UnitVerdict.Go } conversion)
            return null;
        return conversion.TryConvert(number, out var converted) ? Rounded(converted) : throw new OverflowException();
    }

    // A fraction that does not end fills a decimal; 15 digits are what a double keeps of it.
    private static decimal Rounded(decimal number)
    {
        if (number == 0)
            return number;
        var whole = (int)Math.Floor(Math.Log10((double)Math.Abs(number))) + 1;
        if (number.Scale < MaxDigits && number.Scale + whole < MaxDigits)
            return number;
        return Math.Round(number, Math.Clamp(SignificantDigits - whole, 0, MaxDigits));
    }

    private protected override IEnumerable<string> FindUnitFaults() => UnitFaults.Of(this);

    private protected override IEnumerable<string> FindFaults()
    {
        foreach (var fault in base.FindFaults())
            yield return fault;
        foreach (var fault in CodeFaults("component_of", Panels))
            yield return fault;
        foreach (var (unit, factor) in AcceptedUnits)
        {
            if (factor <= 0)
                yield return $"accepted_units {unit}: the factor must be above 0";
            else if (unit == Unit && factor != 1)
                yield return $"accepted_units {unit}: the factor of the unit itself is 1";
        }

        if (Unit is null && AcceptedUnits.Count > 0)
            yield return "accepted_units needs a unit to convert to";
        if (Unit is null && Range is not null)
            yield return "range needs a unit";
        if (Range is { } range && range.Minimum > range.Maximum)
            yield return "range must go from low to high";
        if (AcceptedCodes.Count > 0 && Unit is not null)
            yield return "accepted_codes and unit exclude each other: a value is coded or measured";
        foreach (var code in AcceptedCodes.Keys.Where(code => code.LastIndexOf('|') <= 0 || code.EndsWith('|')))
            yield return $"accepted_codes {code} is not of the form system|code";
        if (AcceptedCodes.Values.Any(string.IsNullOrEmpty))
            yield return "accepted_codes holds an empty token";
        foreach (var token in AnswerWords.Keys.Except(AcceptedCodes.Values, StringComparer.Ordinal))
            yield return $"answers {token}: accepted_codes has no such token";
        foreach (var fault in StatusFaults([.. UnverifiedStatuses, .. FinalStatuses]))
            yield return fault;
    }
}
