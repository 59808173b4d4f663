using Lazaret.Fhir.Units;

namespace Lazaret.Fhir.Negotiations;

/// <summary>What is wrong with the units that a manifest names, by UCUM and by what LOINC says of the code.</summary>
internal static class UnitFaults
{
    /// <summary>A factor that is rounded to three digits is off by no more.</summary>
    private const decimal Tolerance = 0.005m;

    public static IEnumerable<string> Of(ObservationRequirement requirement)
    {
        if (requirement.Unit is null)
            return requirement.MolarMass is null ? [] : ["molar_mass needs a unit to convert to"];
        if (UcumUnit.Parse(requirement.Unit, out var fault) is not { } unit)
            return [$"unit {Shown(requirement.Unit)} is no UCUM: {fault}", .. Accepted(requirement, null)];
        return [.. Property(requirement, unit), .. MolarMass(requirement, unit), .. Accepted(requirement, unit)];
    }

    private static IEnumerable<string> Property(ObservationRequirement requirement, UcumUnit unit)
    {
        foreach (var code in requirement.Codings.Where(coding => coding.System == Loinc.System).Select(coding => coding.Code!))
        {
            if (LoincProperty.Of(code) is not { } property || requirement.Units.Any(Fits))
                continue;
            var meant = UnitLookalikes.MeantOtherwise(unit.Code) is { } hint ? $" ({hint})" : "";
            yield return $"unit {unit} cannot be of {code}: LOINC's property is {property.Name}, as in {property.ExampleUnit}{meant}";

            bool Fits(string code) => UcumUnit.Parse(code) is { } candidate && property.Units.Any(known =>
                UnitPolicy.CouldBe(candidate.Meaning, UcumUnit.Parse(known)!.Meaning)
                || (requirement.MolarMass > 0 && UnitConversion.Find(known, code, requirement.MolarMass) is { IsCommensurable: false, Verdict: UnitVerdict.Go }));
        }
    }

    private static IEnumerable<string> MolarMass(ObservationRequirement requirement, UcumUnit unit)
    {
        if (requirement.MolarMass is not { } molarMass)
            yield break;
        if (molarMass <= 0)
            yield return "molar_mass must be above 0, in g/mol";
        else if (!UnitPolicy.TakesMolarMass(unit.Meaning))
            yield return $"molar_mass says nothing about unit {unit}: it holds neither a mass nor an amount of substance";
    }

    private static IEnumerable<string> Accepted(ObservationRequirement requirement, UcumUnit? unit)
    {
        foreach (var (code, factor) in requirement.AcceptedUnits.Where(item => item.Key != requirement.Unit))
        {
            if (UcumUnit.Parse(code, out var fault) is not { } accepted)
                yield return $"accepted_units {Shown(code)} is no UCUM: {fault}";
            else if (unit is not null && Contradiction(requirement, accepted, unit, factor) is { } words)
                yield return $"accepted_units {code}: {words}";
        }
    }

    private static string? Contradiction(ObservationRequirement requirement, UcumUnit accepted, UcumUnit unit, decimal factor)
    {
        if (accepted.IsSpecial || unit.IsSpecial)
        {
            var special = UnitConversion.Of(accepted, unit);
            if (special.Verdict == UnitVerdict.Go)
                return $"no factor leads from {accepted} to {unit}; leave it out, UCUM converts them";
            // Cel{oral} and Cel: the author says that they are one, and nothing else can be true of them.
            if (!special.AreEqual)
                return $"no factor leads from {accepted} to {unit}";
            return factor == 1 ? null : $"the factor to {unit} is 1 by UCUM, not {factor}";
        }

        var conversion = UnitConversion.Of(accepted, unit, requirement.MolarMass > 0 ? requirement.MolarMass : null);
        return conversion.Verdict switch
        {
            UnitVerdict.Go when conversion.TryConvert(1, out var exact) && Math.Abs(factor - exact) > exact * Tolerance =>
                $"the factor to {unit} is {exact} by UCUM{(conversion.IsCommensurable ? "" : " and molar_mass")}, not {factor}; it may be left out",
            UnitVerdict.Refuse when !UnitPolicy.MayHaveFactor(accepted.Meaning, unit.Meaning) => $"{accepted} and {unit} are of different dimensions: no factor leads from one to the other",
            _ => null,
        };
    }

    private static string Shown(string unit) => unit.Length <= 64 ? unit : string.Concat(unit.AsSpan(0, 64), "…");
}
